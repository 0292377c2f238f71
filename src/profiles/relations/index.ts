/**
 * Edges that no field of one object says: selectors, rights, webhooks, classes, digests of images. For the inventory only; the
 * order of a restore comes from references. Pure: a new relation is a function here.
 */
import type { Edge } from "../../flow/inventory.ts";
import type { ApiResource, KubeObject } from "../../flow/object.ts";
import type { ObjectSet } from "../object-set.ts";
import { classRelations } from "./classes.ts";
import type { RelationContext } from "./context.ts";
import { copiedKeyRelations } from "./copied-keys.ts";
import { imageRelations, writtenImages } from "./images.ts";
import { rightRelations } from "./rights.ts";
import { podTemplates, selectorRelations } from "./selectors.ts";
import { uriRelations } from "./uris.ts";
import { webhookRelations } from "./webhooks.ts";

export function relationContext(
  all: ObjectSet,
  namespaces: readonly string[],
  found: readonly { readonly resource: ApiResource }[],
): RelationContext {
  const resources = new Map(found.map(({ resource }) => [`${resource.plural}.${resource.group}`, resource]));
  const namespaced = [...resources.values()].filter((one) => one.namespaced);
  return { all, namespaces, resources: namespaced, images: writtenImages(all), templates: podTemplates(all) };
}

const rules = [
  selectorRelations,
  rightRelations,
  classRelations,
  webhookRelations,
  imageRelations,
  uriRelations,
  copiedKeyRelations,
] as const;

/** The edges that `object` is the reason for. Most begin at it; a binding's begin at its subjects. */
export function relationsOf(object: KubeObject, context: RelationContext): readonly Edge[] {
  return rules.flatMap((rule) => rule(object, context));
}
