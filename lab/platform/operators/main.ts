/** The process that stands in for the OpenShift AI operators. Started by lab/platform/operators.ts with LAB_* in its environment. */
import { openKube } from "../../kube/client.ts";
import { runController } from "../../kube/controller.ts";
import { setting } from "../../kube/setting.ts";
import { dataScienceClusters } from "./data-science-cluster.ts";
import { modelRegistries } from "./model-registry.ts";
import { pipelineServers } from "./pipelines/controller.ts";
import { storageConfigs } from "./storage-config.ts";

const kube = openKube(setting("LAB_KUBECONFIG"));
await Promise.all([
  runController(modelRegistries(setting("LAB_MODEL_REGISTRY_IMAGE")), kube),
  runController(storageConfigs, kube),
  runController(dataScienceClusters(setting("LAB_CATALOG_IMAGE")), kube),
  runController(pipelineServers(JSON.parse(setting("LAB_PIPELINE_IMAGES"))), kube),
]);
