import type { Finding } from "../../base/finding.ts";
import type { Edge, Inventory } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import { isLoaded } from "../closure/loaded.ts";
import { finding } from "./table.ts";

/** Models and data that are loaded from outside: what may change there, and what no backup can hold. */
export function uriFindings({ edges, objects }: Inventory): readonly Finding[] {
  const outward = edges.filter(
    (edge) => (edge.to.startsWith("uri:") || (edge.to.startsWith("image:") && edge.part)) && isLoaded(edge),
  );
  if (outward.length === 0) return [];
  const refs = new Map(objects.map(({ ref }) => [refKey(ref), ref]));
  return outward.flatMap((edge) => {
    const ref = refs.get(edge.from);
    const subject = ref ? `${ref.namespace} ${ref.kind}/${ref.name}` : edge.from;
    return edge.to.startsWith("uri:") ? ofUri(edge.to.slice("uri:".length), subject) : ofImage(edge, subject);
  });
}

/** Buckets have findings of their own; a registry's rows say where its models are. */
const toldElsewhere = /^(s3|minio|model-registry|file):\/\//;

function ofUri(uri: string, subject: string): readonly Finding[] {
  if (toldElsewhere.test(uri)) return [];
  if (!uri.startsWith("hf://"))
    return [finding("URI_OUT_OF_REACH", subject, `${uri} lies outside of what a backup can hold`)];
  if (/:[0-9a-f]{40}$/.test(uri)) return [];
  return [finding("HF_WITHOUT_REVISION", subject, `${uri} names no commit: the model behind it may change or go away`)];
}

/** The digest that a node has pulled is in the edge; the tag is what will be asked for again. */
function ofImage({ to, part = "" }: Edge, subject: string): readonly Finding[] {
  if (part.includes("@sha256:")) return [];
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(to)?.[1];
  const now = digest ? `; a node has pulled ${digest}, which is recorded` : "";
  return [finding("IMAGE_NOT_PINNED", subject, `${part} names a tag, which may come to mean another model${now}`)];
}
