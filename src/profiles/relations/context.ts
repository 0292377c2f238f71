import type { ApiResource } from "../../flow/object.ts";
import type { ObjectSet } from "../object-set.ts";

/** What the rules of relations may look at, beside one object. */
export interface RelationContext {
  readonly all: ObjectSet;
  readonly namespaces: readonly string[];
  /** Kinds of which there are objects in the namespaces. */
  readonly resources: readonly ApiResource[];
  readonly images: WrittenImages;
  readonly templates: PodTemplates;
}

/** Namespace and image as it is written -> "<repository>@sha256:<digest>", as a node has pulled it. */
export type WrittenImages = ReadonlyMap<string, string>;

/** Namespace -> its workloads with the labels that their pods will carry. */
export type PodTemplates = ReadonlyMap<string, readonly { readonly key: string; readonly labels: Labels }[]>;
export type Labels = Readonly<Record<string, string>>;
