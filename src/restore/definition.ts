import { Fault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import { crds } from "../kube/well-known.ts";
import type { RestoreContext } from "./context.ts";
import { aside } from "./pace.ts";

const establishedSeconds = 60;

/** A definition is done when its kind can be written: established, and listed by discovery. All of a restore are waited for side by side. */
export async function untilServed(object: KubeObject, { client, signal }: RestoreContext): Promise<void> {
  if (object.kind !== "CustomResourceDefinition") return;
  const { name } = object.metadata;
  const { group, names } = object.spec;
  await aside(() =>
    waitFor(
      async () => {
        const live = await client.get(crds, name);
        const conditions: { type: string; status: string; message?: string }[] = live.status?.conditions ?? [];
        const refused = conditions.find((one) => one.type === "NamesAccepted" && one.status === "False");
        if (refused) {
          throw new Fault("INVALID", `definition ${name} is not established: ${refused.message}`, {
            hint: "another definition of the cluster has these names",
          });
        }
        const established = conditions.some((one) => one.type === "Established" && one.status === "True");
        return established && (await client.resource(group, names.kind)) ? true : undefined;
      },
      { reason: `definition ${name} to be established`, seconds: establishedSeconds, everyMs: 500, signal },
    ),
  );
}
