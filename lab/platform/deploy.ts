import { openS3 } from "../objectstore/buckets.ts";
import { platformEndpoint } from "../objectstore/servers.ts";
import { uploadModel } from "./models.ts";
import type { Tell } from "./operators.ts";
import { generatedText, irisPrediction } from "./probes.ts";
import { openRegistry, registerIris } from "./registry-api.ts";
import { labKube } from "./settings.ts";
import { deployBucket } from "./workload/bucket.ts";
import { deployDatabase } from "./workload/database.ts";
import { fillWorkbench } from "./workload/notebook.ts";
import { deployPipelineServer, runIrisPipeline } from "./workload/pipelines.ts";
import { deployProject } from "./workload/project.ts";
import { deployRegistry } from "./workload/registry.ts";
import { deployServing } from "./workload/serving.ts";
import { deployWorkbench } from "./workload/workbench.ts";

export { deployOperators } from "./operators.ts";

/**
 * The walkthrough's two namespaces with everything in them, and at the end the two models asked. May be run again at any time: it
 * makes what is missing.
 */
export async function deployWorkload(tell: Tell = console.log): Promise<void> {
  const kube = labKube();
  tell("workload: project and bucket claim");
  await deployProject(kube);
  const bucket = await deployBucket(kube);
  await Promise.all([
    step(tell, "workload: workbench with notebook and data", async () => {
      await deployWorkbench(kube);
      await fillWorkbench();
    }),
    step(tell, "workload: model registry with its database", async () => {
      await deployDatabase(kube);
      await deployRegistry(kube);
      await registerIris(await openRegistry(), "v1.0.0", bucket, "models/iris");
    }),
    step(tell, "workload: pipeline server and a run of the two-step pipeline", async () => {
      await deployPipelineServer(kube, bucket);
      await runIrisPipeline();
    }),
    step(tell, "workload: weights in the bucket, two endpoints", async () => {
      const s3 = openS3(await platformEndpoint());
      await uploadModel(s3, bucket, "iris", "models/iris");
      await uploadModel(s3, bucket, "opt-125m", "models/opt-125m");
      await deployServing(kube);
    }),
  ]);
  await askModels(tell);
}

async function step(tell: Tell, what: string, action: () => Promise<void>): Promise<void> {
  const started = Date.now();
  tell(what);
  await action();
  tell(`${what}: done in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** Ready is not serving: only an answer counts. */
async function askModels(tell: Tell): Promise<void> {
  const classes = await irisPrediction({ seconds: 180 });
  if (JSON.stringify(classes) !== "[0,2]")
    throw new Error(`the iris endpoint answers ${JSON.stringify(classes)} instead of [0,2]`);
  const words = await generatedText({ seconds: 180 });
  const again = await generatedText();
  if (words !== again)
    throw new Error(`the language model says "${words}" and then "${again}": it must say the same twice`);
  tell(`workload: iris says ${JSON.stringify(classes)}, opt125m says "${words.trim()}"`);
}
