/** From what a person knows (an endpoint, a registered version, a pipeline, a workbench) to the bytes that it stands on. Plain data. */
import type { ObjectRef } from "./object.ts";

export interface Closure {
  readonly chains: readonly Chain[];
  /** What is no object of the cluster, by its key, in words: "version v1 of model iris". */
  readonly names: Readonly<Record<string, string>>;
}

export interface Chain {
  readonly root: ChainRoot;
  /** Each `from` is the root, or was reached by a step before. Only steps that lead to an end, or to nothing. */
  readonly steps: readonly ChainStep[];
  readonly ends: readonly ChainEnd[];
}

export interface ChainRoot {
  readonly kind: "endpoint" | "version" | "pipeline" | "workbench";
  /** refKey, or a row: "version:<namespace>/<registry>/<id>", "pipeline:<database>/<version id>". */
  readonly key: string;
  /** For people: "InferenceService rhoai-demo/iris", "version v1 of model iris in rhoai-registries/registry". */
  readonly name: string;
  /** Where it is an object of the cluster. */
  readonly ref?: ObjectRef;
}

export interface ChainStep {
  readonly from: string;
  readonly to: string;
  /** What made the step, as in Edge. */
  readonly rule: string;
  /** "missing": nothing is there. "outside": not in these namespaces. */
  readonly end?: "missing" | "outside";
}

export type EndKind = "bucket" | "volume" | "image" | "huggingface" | "http" | "database" | "unknown";

/** Where bytes are. */
export interface ChainEnd {
  readonly kind: EndKind;
  /** "s3://bucket/prefix", "pvc://<namespace>/<claim>/<path>", "oci://...", "hf://...", or as it is written. */
  readonly uri: string;
  /** The node of the chain that names it. */
  readonly by: string;
  readonly rule: string;
  /** By a digest or a commit: it cannot become another. */
  readonly pinned: boolean;
  readonly reached: Reached;
  /** Id of the Bucket, Volume or Database of the inventory. */
  readonly place?: string;
  /** What of it: the prefix in the bucket, the path in the volume. "" is all of it. */
  readonly part?: string;
}

export interface Reached {
  readonly captured: boolean;
  /** "captured with version, size and SHA-256", or why it is out of reach. */
  readonly because: string;
}
