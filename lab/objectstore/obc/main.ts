/** The process that serves ObjectBucketClaims. Usage: node main.ts, with LAB_* in the environment (see lab/objectstore/part.ts). */
import { openKube } from "../../kube/client.ts";
import { runController } from "../../kube/controller.ts";
import { setting } from "../../kube/setting.ts";
import { bucketClaims } from "./controller.ts";

const endpoint = {
  endpoint: setting("LAB_S3_ENDPOINT"),
  accessKey: setting("LAB_S3_ACCESS_KEY"),
  secretKey: setting("LAB_S3_SECRET_KEY"),
  region: setting("LAB_S3_REGION"),
};
await runController(bucketClaims(endpoint), openKube(setting("LAB_KUBECONFIG")));
