import type { Kube } from "../../kube/client.ts";
import type { Controller } from "../../kube/controller.ts";
import { tell } from "../../kube/event.ts";
import type { LabObject } from "../../kube/object.ts";
import { openS3 } from "../buckets.ts";
import type { S3Endpoint } from "../s3-endpoint.ts";
import * as names from "./claim.ts";
import { provision, Refusal, type Stores } from "./provision.ts";
import { release, releaseOrphans } from "./release.ts";

/** Serves ObjectBucketClaims from one S3 server, as NooBaa does with lib-bucket-provisioner. */
export function bucketClaims(endpoint: S3Endpoint): Controller {
  const s3 = openS3(endpoint);
  return {
    name: "bucket-claims",
    watches: [names.claimKind, names.classKind],
    reconcile: async (kube) => {
      const classes = await kube.list(names.classKind);
      const ours = new Map(
        classes.filter((item) => item["provisioner"] === names.provisioner).map((item) => [item.metadata.name, item]),
      );
      const problems: string[] = [];
      for (const claim of await kube.list(names.claimKind)) {
        const storageClass = ours.get(claim["spec"].storageClassName);
        if (storageClass === undefined) continue;
        await settle({ kube, s3, endpoint }, claim, storageClass).catch((error: Error) => {
          problems.push(`claim ${claim.metadata.namespace}/${claim.metadata.name}: ${error.message}`);
        });
      }
      await releaseOrphans(kube);
      if (problems.length > 0) throw new Error(problems.join("; "));
    },
  };
}

async function settle(stores: Stores, claim: LabObject, storageClass: LabObject): Promise<void> {
  const { kube } = stores;
  const { name, namespace } = claim.metadata;
  if (claim.metadata.deletionTimestamp !== undefined) {
    if (claim.metadata.finalizers?.includes(names.finalizer)) await release(stores, claim, storageClass);
    return;
  }
  if (await isComplete(kube, claim)) return;
  const phase = claim["status"]?.phase;
  if (phase === undefined)
    await kube.patch(names.claimKind, name, namespace, { status: { phase: "Pending" } }, "status");
  try {
    await provision(stores, claim, storageClass);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (phase === "Failed") return;
    await kube.patch(names.claimKind, name, namespace, { status: { phase: "Failed" } }, "status");
    await tell(kube, claim, "Warning", "ProvisioningFailed", error.message);
    console.error(`claim ${namespace}/${name}: ${error.message}`);
  }
}

async function isComplete(kube: Kube, claim: LabObject): Promise<boolean> {
  if (claim["status"]?.phase !== "Bound") return false;
  const { name, namespace, uid } = claim.metadata;
  const bound = await kube.get(names.bucketKind, names.objectBucketName(claim));
  if (bound?.["spec"].claimRef?.uid !== uid) return false;
  const made = await Promise.all(
    [names.secretKind, names.configMapKind].map((kind) => kube.get(kind, name, namespace)),
  );
  return made.every((object) => object?.metadata.ownerReferences?.some((owner) => owner.uid === uid));
}
