import { refKey } from "../../flow/object.ts";
import { modeOf } from "../restore-options.ts";
import { keysOf, namesBucket } from "../restore-needs.ts";
import type { DecideRule } from "./rule.ts";
import { create } from "./rule.ts";

/**
 * A connection that survived, of a bucket that did not: the bucket comes back with a new name and new keys, so leaving
 * the connection as it is would leave the application without its models.
 */
export const staleConnection: DecideRule = {
  name: "stale-connection",
  decide: (object, { ref, targetRef, target, component, point, all }) => {
    if (ref.group !== "" || (ref.kind !== "Secret" && ref.kind !== "ConfigMap")) return undefined;
    if (modeOf(object, component) !== "skip" || component.flags.onlyMetadata || !target.existing.has(refKey(targetRef)))
      return undefined;
    const lost = point.buckets.find(
      (bucket) =>
        bucket.claim?.namespace === component.sourceNamespace &&
        !target.bucketClaims.has(`${component.restoreNamespace}/${bucket.claim.name}`) &&
        namesBucket(object, bucket, keysOf(bucket, all)?.accessKey),
    );
    return lost && create("exists, but names a bucket that comes back as a new one: its names and keys are corrected");
  },
};
