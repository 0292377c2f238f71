import { ensureImage } from "../../images/image.ts";
import type { Kube } from "../../kube/client.ts";
import { network } from "../../network.ts";
import { waitFor } from "../../run/wait.ts";
import { pipelineServerKind } from "../operators/kinds.ts";
import {
  ensurePipeline,
  ensureRecurringRun,
  openPipelines,
  type PipelineVersion,
  readRuns,
  runSucceeded,
  startRun,
} from "../pipelines-api.ts";
import { appNamespace as namespace, connectionName, pipelineServerName as name } from "../settings.ts";
import { irisPipeline } from "./iris-pipeline.ts";

export const pipelineName = "iris-classifier-training";

/** Step 3, first half: the pipeline server, as the walkthrough describes it; without TLS between its pods. */
export async function deployPipelineServer(kube: Kube, bucket: string): Promise<void> {
  await kube.apply({
    ...pipelineServerKind,
    metadata: { name, namespace },
    spec: {
      dspVersion: "v2",
      podToPodTLS: false,
      apiServer: { deploy: true, enableSamplePipeline: false },
      persistenceAgent: { deploy: true },
      scheduledWorkflow: { deploy: true },
      objectStorage: {
        externalStorage: {
          bucket,
          host: network.bridgeAddress,
          port: String(network.platformS3Port),
          scheme: "http",
          region: "us-east-1",
          secure: false,
          s3CredentialsSecret: {
            accessKey: "AWS_ACCESS_KEY_ID",
            secretKey: "AWS_SECRET_ACCESS_KEY",
            secretName: connectionName,
          },
        },
      },
      database: {
        disableHealthCheck: false,
        mariaDB: { deploy: true, pipelineDBName: "mlpipeline", storageClassName: "lab-btrfs" },
      },
    },
  });
  await waitFor({
    describe: `the pipeline server ${name} to be Ready`,
    check: async () => {
      const conditions = (await kube.get(pipelineServerKind, name, namespace))?.["status"]?.conditions ?? [];
      const ready = conditions.find((one: { type: string }) => one.type === "Ready");
      if (ready?.status !== "True") throw new Error(ready?.message ?? "it has no condition Ready");
      return true;
    },
    seconds: 240,
  });
}

/** Step 3, second half: the two-step pipeline, one run of it that succeeded, and one that comes again every night. */
export async function runIrisPipeline(): Promise<void> {
  const base = await openPipelines();
  const version = await uploadIris(base);
  const run =
    (await readRuns(base)).find((one) => one.display_name === "iris-run-1") ??
    (await startRun(base, "iris-run-1", version, { accuracy_threshold: 0.9 }));
  await ensureRecurringRun(base, "iris-nightly", version, { cron: "0 0 2 * * *" });
  await runSucceeded(base, run.run_id, 180);
}

/** The walkthrough's pipeline in the server. */
export async function uploadIris(base: string): Promise<PipelineVersion> {
  return await ensurePipeline(base, pipelineName, irisPipeline(await ensureImage("mlserver")));
}
