import type { KubeObject } from "../flow/object.ts";
import { isKind } from "./kinds.ts";
import { valuesAt } from "./paths.ts";
import { podReferences } from "./pod-spec.ts";
import type { GroupKind, Reference } from "./profile.ts";

/** A place where a kind holds a part of a PodSpec, or of a container, that no list of containers marks as one. */
export interface PodPlace {
  readonly of: GroupKind;
  readonly path: string; // "spec.trainer"
  readonly as?: "container";
}

/** What those parts lean on, by the rules of whole PodSpecs. Whole ones are found without this. */
export function podsAt(places: readonly PodPlace[]): (object: KubeObject) => readonly Reference[] {
  return (object) => {
    const { namespace } = object.metadata;
    if (!namespace) return [];
    return places
      .filter(({ of }) => isKind(object, of))
      .flatMap(({ path, as }) => valuesAt(object, path).map((value) => partOf(value, as)))
      .flatMap((part) => podReferences(part, namespace));
  };
}

function partOf(value: any, as: PodPlace["as"]): Record<string, any> {
  if (as === "container") return { containers: [value] };
  const isWhole = value?.containers?.length > 0;
  return isWhole ? {} : value;
}
