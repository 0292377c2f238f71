import { type KubeObject, refKey } from "../flow/object.ts";
import type { BucketRecord } from "../flow/recovery-point.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { Decided, StepsInput } from "./restore-decided.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import { keysOf, namesBucket } from "./restore-needs.ts";
import { withEdits } from "./training/edits.ts";

/** A bucket that comes back, and what is known of its names. */
export interface BucketDraft {
  readonly record: BucketRecord;
  /** The claim that this restore writes. */
  readonly claim?: Decided;
  /** The bucket may get another name, endpoint or keys than it had. */
  readonly mayChange: boolean;
  readonly accessKey: string | undefined;
  readonly draft: Draft;
}

/** Buckets of the restored namespaces, but for those whose claim the person left out. */
export function bucketDrafts(input: StepsInput): BucketDraft[] {
  const byRef = new Map(input.decided.map((one) => [refKey(one.ref), one]));
  return input.point.buckets.flatMap((record) => {
    const home = record.claim?.namespace ?? record.credentials.namespace;
    const component = input.components.find((one) => one.sourceNamespace === home);
    if (!component || component.flags.onlyMetadata) return [];
    const claim =
      record.claim && byRef.get(refKey({ group: "objectbucket.io", kind: "ObjectBucketClaim", ...record.claim }));
    if (claim?.decision.action === "skip" && claim.decision.rule !== "existing-bucket") return [];
    const namespace = component.restoreNamespace;
    const was = keysOf(record, input.all);
    const { namespace: keysIn, secret: keysOfPoint } = record.credentials;
    const keysThere = byRef.get(refKey({ group: "", kind: "Secret", namespace: keysIn, name: keysOfPoint }));
    const secretName = keysThere?.targetRef.name ?? keysOfPoint;
    const step: RestoreStep = {
      kind: "bucket",
      id: stepIds.bucket(record.id),
      needs: [],
      why: whyOf(record, claim),
      record: { ...record, credentials: { ...record.credentials, secret: secretName } },
      namespace,
      ...(claim?.planned ? { claim: claim.planned } : {}),
      ...(was ? { was } : {}),
      ...withEdits(record.contents, component),
    };
    const existing = record.claim && input.target.bucketClaims.get(`${namespace}/${record.claim.name}`);
    const mayChange = record.claim !== undefined && existing?.bucket !== record.bucket;
    const secret = stepIds.object({ group: "", kind: "Secret", namespace, name: secretName });
    const rank = record.claim ? ranks.data : ranks.outerBucket;
    return [
      {
        record,
        ...(claim?.planned ? { claim } : {}),
        mayChange,
        accessKey: was?.accessKey,
        draft: draft(step, rank, [secret]),
      },
    ];
  });
}

export function bucketsNamedBy(object: KubeObject, buckets: readonly BucketDraft[]): readonly BucketDraft[] {
  return buckets.filter((one) => namesBucket(object, one.record, one.accessKey));
}

function whyOf(record: BucketRecord, claim: Decided | undefined): string {
  const objects = `${record.objects.length} objects that the application reads`;
  if (claim?.planned) return `${objects}, into the bucket that its claim gets`;
  return record.claim
    ? `${objects}; what its bucket still has is not written again`
    : `${objects}; what is there is not written again`;
}
