import { randomUUID } from "node:crypto";
import type { LabObject } from "../../kube/object.ts";

export const provisioner = "bucket.lab.holdfast.dev/obc";
export const finalizer = "objectbucket.io/finalizer";
/** On everything that the provisioner made, as lib-bucket-provisioner does it. */
export const labels = { "bucket-provisioner": provisioner.replace("/", "-") };
/** Says that this very claim is making this bucket, so that a killed provisioner goes on instead of refusing its own bucket. */
export const makingAnnotation = "bucket.lab.holdfast.dev/making";

export const claimKind = { apiVersion: "objectbucket.io/v1alpha1", kind: "ObjectBucketClaim" } as const;
export const bucketKind = { apiVersion: "objectbucket.io/v1alpha1", kind: "ObjectBucket" } as const;
export const classKind = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" } as const;
export const secretKind = { apiVersion: "v1", kind: "Secret" } as const;
export const configMapKind = { apiVersion: "v1", kind: "ConfigMap" } as const;

/** Fixed name first, then a prefix with a random part; undefined when the claim has neither. */
export function bucketNameFor(claim: LabObject): string | undefined {
  const { bucketName, generateBucketName } = claim["spec"];
  if (bucketName) return bucketName;
  return generateBucketName ? `${generateBucketName.slice(0, 26)}-${randomUUID()}` : undefined;
}

/** The name of the cluster-scoped ObjectBucket of a claim. */
export function objectBucketName(claim: LabObject): string {
  return `obc-${claim.metadata.namespace}-${claim.metadata.name}`;
}

/** The value of {@link makingAnnotation}: the claim's uid is in it, so that a copy of the claim does not inherit the right. */
export function makingMark(claim: LabObject, bucket: string): string {
  return `${claim.metadata.uid}/${bucket}`;
}

/** Whether this very claim made the bucket that it names. */
export function isMaker(claim: LabObject): boolean {
  return claim.metadata.annotations?.[makingAnnotation] === makingMark(claim, claim["spec"].bucketName);
}
