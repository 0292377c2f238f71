import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { imagesOf } from "../index.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import { containersOf, podSpecsOf } from "../pod-spec.ts";
import type { RelationContext, WrittenImages } from "./context.ts";

/** What runs now says which digest a tag means now. */
export function writtenImages(all: ObjectSet): WrittenImages {
  const found = new Map<string, string>();
  for (const pod of all.ofKind("", "Pod")) {
    const { namespace = "" } = pod.metadata;
    const written = new Map(containersOf(pod.spec ?? {}).map((one) => [one.name, one.image]));
    for (const { name, imageID } of statusesOf(pod)) {
      const digest = digestOf(imageID);
      if (digest && written.get(name)) found.set(`${namespace} ${written.get(name)}`, digest);
    }
  }
  return found;
}

/** The images of pods, of their templates and of other fields: with the digest where a pod of the namespace has it, else as written. */
export function imageRelations(object: KubeObject, { images }: RelationContext): readonly Edge[] {
  const { namespace } = object.metadata;
  if (!namespace) return [];
  const written = podSpecsOf(object).flatMap((spec) => [
    ...containersOf(spec).map((one) => one.image),
    ...(spec.volumes ?? []).map((one: any) => one.image?.reference),
  ]);
  written.push(...imagesOf(object).map(({ text }) => text));
  const names = new Set<string>(written.filter((one) => typeof one === "string" && one !== ""));
  if (names.size === 0) return [];
  const from = refKey(refOf(object));
  const rule = isKind(object, kinds.pod) ? "pod.status.imageID" : "pod.containers.image";
  return [...names].map((name): Edge => {
    const digest = images.get(`${namespace} ${name}`);
    return { from, to: `image:${digest ?? name}`, kind: "needs", rule: digest ? rule : "pod.containers.image" };
  });
}

function statusesOf({ status }: KubeObject): readonly { name: string; imageID?: string }[] {
  return [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
}

/** "docker-pullable://quay.io/a/b@sha256:..." A bare "sha256:..." names a file of the node, which no registry knows. */
function digestOf(imageID: string | undefined): string | undefined {
  return /^(?:[a-z-]+:\/\/)?([^@]+@sha256:[0-9a-f]{64})$/.exec(imageID ?? "")?.[1];
}
