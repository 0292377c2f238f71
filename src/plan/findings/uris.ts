import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import { homeOf } from "../closure/homes.ts";
import { closureOf } from "../closure/index.ts";
import { isLoaded } from "../closure/loaded.ts";
import { isOwn } from "../closure/references.ts";
import { hubModelRule } from "../../profiles/hub-models.ts";
import { finding, type FindingCode } from "./table.ts";

/** Models and data that are loaded from outside: what may change there, and what no backup can hold. */
export function uriFindings(inventory: Inventory): readonly Finding[] {
  return [...ofObjects(inventory), ...ofRows(inventory)];
}

interface Outward {
  readonly code: FindingCode;
  readonly message: string;
  readonly advice?: string;
}

function ofObjects({ edges, objects }: Inventory): readonly Finding[] {
  const outward = edges.flatMap((edge) => {
    const told = isLoaded(edge) ? outwardOf(edge.to, edge.part, edge.rule) : undefined;
    return told ? [{ from: edge.from, ...told }] : [];
  });
  if (outward.length === 0) return [];
  const refs = new Map(objects.map(({ ref }) => [refKey(ref), ref]));
  return outward.map(({ from, code, message, advice }) => {
    const ref = refs.get(from);
    return finding(code, ref ? `${ref.namespace} ${ref.kind}/${ref.name}` : from, message, advice);
  });
}

/** Registered versions and pipelines may be many: one finding of a sort for all of a registry or a database. */
function ofRows(inventory: Inventory): readonly Finding[] {
  if ((inventory.registries ?? []).length + (inventory.pipelines ?? []).length === 0) return [];
  const { chains } = closureOf(inventory);
  const roots = new Set(chains.map(({ root }) => root.key));
  const found = chains.flatMap((chain) => {
    if (chain.root.ref) return [];
    return chain.ends.flatMap((end) => {
      const to = end.kind === "image" ? end.uri.replace("oci://", "image:") : `uri:${end.uri}`;
      const told = end.place === undefined && isOwn(end, chain, roots) ? outwardOf(to, end.part) : undefined;
      return told ? [{ ...told, root: chain.root }] : [];
    });
  });
  return [...Map.groupBy(found, ({ code, root }) => `${code} ${homeOf(root)}`).values()].map((some) => {
    const { code, root } = some[0]!;
    const names = some.map((one) => `${one.root.name}: ${one.message}`);
    return finding(code, homeOf(root), someOf(names, 4));
  });
}

const byArgument =
  "name the commit: --revision=<40 hex digits> beside the model (--model_revision for KServe's own server), or copy the weights into a bucket of the plan";

/** Buckets have findings of their own; a registry's rows say where its models are. */
const toldElsewhere = /^uri:(s3|minio|model-registry|file):\/\//;

/** `written`: as the field has it, where it is a model in an image. The image of a workload is none. */
function outwardOf(to: string, written: string | undefined, rule = ""): Outward | undefined {
  if (to.startsWith("image:")) return written ? ofImage(to, written) : undefined;
  if (!to.startsWith("uri:") || toldElsewhere.test(to)) return undefined;
  const uri = to.slice("uri:".length);
  if (!uri.startsWith("hf://"))
    return { code: "URI_OUT_OF_REACH", message: `${uri} lies outside of what a backup can hold` };
  if (/:[0-9a-f]{40}$/.test(uri)) return undefined;
  const what = rule.includes("dataset") ? "data" : "model";
  return {
    code: "HF_WITHOUT_REVISION",
    message: `${uri} names no commit: the ${what} behind it may change or go away`,
    ...(rule === hubModelRule ? { advice: byArgument } : {}),
  };
}

/** The digest that a node has pulled is in the edge; the tag is what will be asked for again. */
function ofImage(to: string, written: string): Outward | undefined {
  if (written.includes("@sha256:")) return undefined;
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(to)?.[1];
  const now = digest ? `; a node has pulled ${digest}, which is recorded` : "";
  return {
    code: "IMAGE_NOT_PINNED",
    message: `${written} names a tag, which may come to mean another model${now}`,
  };
}
