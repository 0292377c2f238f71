import { type ApiResource, type KubeObject, refKey, refOf } from "../flow/object.ts";
import { isKind, kinds } from "../profiles/kinds.ts";
import type { RestoreContext } from "./context.ts";

const selection = "notebooks.opendatahub.io/last-image-selection";

/**
 * Admission of OpenShift AI gives a workbench the newest image of the stream and tag that it was made from: in another cluster,
 * or later, that is another image than the one of the point. Nobody would notice; so it is said.
 */
export async function tellImageDrift(
  resource: ApiResource,
  wanted: KubeObject,
  { client, report, progress }: RestoreContext,
): Promise<void> {
  if (!isKind(wanted, kinds.notebook) || !wanted.metadata.annotations?.[selection]) return;
  const { name, namespace } = wanted.metadata;
  const live = await client.find(resource, name, namespace);
  const [was, is] = [imageOf(wanted), imageOf(live)];
  if (!was || !is || was === is) return;
  const finding = {
    code: "IMAGE_REPLACED",
    severity: "warning" as const,
    subject: refKey(refOf(wanted)),
    message: `runs ${is}, not ${was} as in the point: admission took the newest image of ${wanted.metadata.annotations[selection]}`,
    advice: `to keep the one of the point, restore with a transform that removes the annotation ${selection}, or import the old digest into the image stream`,
  };
  report.findings.push(finding);
  progress.finding(finding);
}

function imageOf(notebook: KubeObject | undefined): string | undefined {
  return notebook?.spec?.template?.spec?.containers?.[0]?.image;
}
