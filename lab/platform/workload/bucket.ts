import type { Kube } from "../../kube/client.ts";
import { claimKind as bucketClaimKind, configMapKind } from "../../objectstore/obc/claim.ts";
import { waitFor } from "../../run/wait.ts";
import { decoded, encoded } from "../base64.ts";
import { secretKind } from "../operators/kinds.ts";
import { appNamespace, claimName, connectionName } from "../settings.ts";

/** Step 2: a bucket by claim, and the connection Secret that everything else uses. Returns the bucket's name. */
export async function deployBucket(kube: Kube): Promise<string> {
  await kube.apply({
    ...bucketClaimKind,
    metadata: { name: claimName, namespace: appNamespace },
    spec: { generateBucketName: "rhoai-demo", storageClassName: "lab-bucket" },
  });
  await waitFor({
    describe: `the bucket claim ${claimName} to be Bound`,
    check: async () => (await kube.get(bucketClaimKind, claimName, appNamespace))?.["status"]?.phase === "Bound",
    seconds: 60,
  });
  const secret = await kube.get(secretKind, claimName, appNamespace);
  const { BUCKET_NAME, BUCKET_HOST, BUCKET_PORT } =
    (await kube.get(configMapKind, claimName, appNamespace))?.["data"] ?? {};
  const keys = decoded(secret?.["data"]);
  await kube.apply({
    ...secretKind,
    metadata: {
      name: connectionName,
      namespace: appNamespace,
      labels: { "opendatahub.io/dashboard": "true", "opendatahub.io/managed": "true" },
      annotations: { "opendatahub.io/connection-type": "s3", "openshift.io/display-name": claimName },
    },
    type: "Opaque",
    data: encoded({
      AWS_ACCESS_KEY_ID: keys["AWS_ACCESS_KEY_ID"] ?? "",
      AWS_SECRET_ACCESS_KEY: keys["AWS_SECRET_ACCESS_KEY"] ?? "",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_S3_BUCKET: BUCKET_NAME,
      AWS_S3_ENDPOINT: `http://${BUCKET_HOST}:${BUCKET_PORT}`,
    }),
  });
  return BUCKET_NAME;
}
