import { randomBytes } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Kube } from "../../kube/client.ts";
import { controlledBy, type LabObject } from "../../kube/object.ts";
import { createBucket, createUser, type S3User } from "../admin.ts";
import { bucketExists, enableVersioning } from "../buckets.ts";
import type { S3Endpoint } from "../s3-endpoint.ts";
import * as names from "./claim.ts";

/** What the provisioner works with. */
export interface Stores {
  readonly kube: Kube;
  readonly s3: S3Client;
  readonly endpoint: S3Endpoint;
}

/** The claim cannot be satisfied as it is written; told to its owner as an Event. */
export class Refusal extends Error {}

/** Gives a claim its bucket, its user, its Secret and ConfigMap. Every step may have been done before. */
export async function provision(stores: Stores, seen: LabObject, storageClass: LabObject): Promise<void> {
  const { kube, s3, endpoint } = stores;
  const claim = await prepare(stores, seen);
  const bucket: string = claim["spec"].bucketName;
  const user = await ensureSecret(kube, claim);
  await createUser(endpoint, user);
  if (!(await bucketExists(s3, bucket))) await createBucket(endpoint, bucket, user.accessKey);
  await enableVersioning(s3, bucket);
  await ensureConfigMap(stores, claim, bucket);
  await ensureObjectBucket(stores, claim, storageClass, user);
  const { name, namespace } = claim.metadata;
  await kube.patch(names.claimKind, name, namespace, { spec: { objectBucketName: names.objectBucketName(claim) } });
  await kube.patch(names.claimKind, name, namespace, { status: { phase: "Bound" } }, "status");
  console.log(`claim ${namespace}/${name}: bound to bucket ${bucket}`);
}

/** Writes finalizer, bucket name and the mark before anything is made outside; refuses a bucket that somebody else has. */
async function prepare({ kube, s3 }: Stores, claim: LabObject): Promise<LabObject> {
  const bucket = names.bucketNameFor(claim);
  if (bucket === undefined) throw new Refusal("the claim has neither spec.bucketName nor spec.generateBucketName");
  const mark = names.makingMark(claim, bucket);
  const isOurs = names.isMaker(claim);
  if (!isOurs && (await bucketExists(s3, bucket)))
    throw new Refusal(`bucket ${bucket} exists already and is not of this claim`);
  const { name, namespace, finalizers = [] } = claim.metadata;
  return await kube.patch(names.claimKind, name, namespace, {
    metadata: {
      finalizers: [...new Set([...finalizers, names.finalizer])],
      labels: names.labels,
      annotations: { [names.makingAnnotation]: mark },
    },
    spec: { bucketName: bucket },
  });
}

/** The claim's Secret; new random keys unless this claim already has some. */
async function ensureSecret(kube: Kube, claim: LabObject): Promise<S3User> {
  const { name, namespace, uid } = claim.metadata;
  const old = await kube.get(names.secretKind, name, namespace);
  const isOwn = old?.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
  const text = (field: string) => Buffer.from(old?.["data"]?.[field] ?? "", "base64").toString();
  const kept = { accessKey: text("AWS_ACCESS_KEY_ID"), secretKey: text("AWS_SECRET_ACCESS_KEY") };
  const user = isOwn && kept.accessKey && kept.secretKey ? kept : newUser();
  await kube.apply({
    ...generated(names.secretKind, claim),
    type: "Opaque",
    data: { AWS_ACCESS_KEY_ID: base64(user.accessKey), AWS_SECRET_ACCESS_KEY: base64(user.secretKey) },
  });
  return user;
}

async function ensureConfigMap({ kube, endpoint }: Stores, claim: LabObject, bucket: string): Promise<void> {
  const { hostname, port } = new URL(endpoint.endpoint);
  await kube.apply({
    ...generated(names.configMapKind, claim),
    data: {
      BUCKET_NAME: bucket,
      BUCKET_HOST: hostname,
      BUCKET_PORT: port,
      BUCKET_REGION: endpoint.region,
      BUCKET_SUBREGION: "",
    },
  });
}

async function ensureObjectBucket(
  { kube, endpoint }: Stores,
  claim: LabObject,
  storageClass: LabObject,
  user: S3User,
): Promise<void> {
  const { hostname, port } = new URL(endpoint.endpoint);
  const name = names.objectBucketName(claim);
  await kube.apply({
    ...names.bucketKind,
    metadata: { name, labels: names.labels, finalizers: [names.finalizer] },
    spec: {
      storageClassName: storageClass.metadata.name,
      reclaimPolicy: storageClass["reclaimPolicy"] ?? "Delete",
      claimRef: {
        ...names.claimKind,
        namespace: claim.metadata.namespace,
        name: claim.metadata.name,
        uid: claim.metadata.uid,
      },
      endpoint: {
        bucketHost: hostname,
        bucketPort: Number(port),
        bucketName: claim["spec"].bucketName,
        region: endpoint.region,
        subRegion: "",
      },
      additionalState: { accessKey: user.accessKey },
    },
  });
  await kube.patch(names.bucketKind, name, undefined, { status: { phase: "Bound" } }, "status");
}

function generated(kind: { apiVersion: string; kind: string }, claim: LabObject): LabObject {
  const { name, namespace } = claim.metadata;
  const metadata = {
    name,
    namespace,
    labels: names.labels,
    finalizers: [names.finalizer],
    ownerReferences: [controlledBy(claim)],
  };
  return { ...kind, metadata };
}

function newUser(): S3User {
  return { accessKey: randomBytes(10).toString("hex").toUpperCase(), secretKey: randomBytes(30).toString("base64url") };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
