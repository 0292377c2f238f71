import { isEmpty, matches } from "../../flow/selector.ts";
import type { DecideRule } from "./rule.ts";
import { skip } from "./rule.ts";

const dataKinds = new Set(["PersistentVolumeClaim", "ObjectBucketClaim.objectbucket.io"]);

/** The person's own choice comes first. */
export const excluded: DecideRule = {
  name: "excluded",
  decide: (object, { component }) => {
    if (matches(component.exclude, object)) return skip("excluded by excludeResourceSelector");
    if (!isEmpty(component.include) && !matches(component.include, object))
      return skip("not chosen by resourceSelector");
    return undefined;
  },
};

/** onlyData: claims are written, since data needs a place; everything else stays away. */
export const onlyData: DecideRule = {
  name: "only-data",
  decide: (_object, { component, ref }) => {
    if (!component.flags.onlyData) return undefined;
    const isData = dataKinds.has(ref.group ? `${ref.kind}.${ref.group}` : ref.kind);
    return isData ? undefined : skip("onlyData is set: volumes and buckets are restored, objects are not");
  },
};
