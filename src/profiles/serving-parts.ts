import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import { annotation, leads } from "./paths.ts";
import { hardwareProfileOf } from "./platform-config.ts";
import type { GroupKind, Profile } from "./profile.ts";

const kserve = (kind: string): GroupKind => ({ group: "serving.kserve.io", kind });
const gateway = (kind: string): GroupKind => ({ group: "gateway.networking.k8s.io", kind });

const graph = kserve("InferenceGraph");
const trained = kserve("TrainedModel");
const llm = kserve("LLMInferenceService");
const llmConfig = kserve("LLMInferenceServiceConfig");
const cache = kserve("LocalModelCache");
const nodeGroup = kserve("LocalModelNodeGroup");
const storageContainer = kserve("ClusterStorageContainer");
const account: GroupKind = { group: "nim.opendatahub.io", kind: "Account" };
const template: GroupKind = { group: "template.openshift.io", kind: "Template" };
const pool: GroupKind = { group: "inference.networking.k8s.io", kind: "InferencePool" };

const router = "spec.router";

/** Both an LLMInferenceService and the configurations that it is based on. Their PodSpecs are the generic rules' to follow. */
const llmPaths = [llm, llmConfig].flatMap((of) => [
  leads(of, "spec.model.uri", "uri"),
  leads(of, "spec.model.lora.adapters[*].uri", "uri"),
  // Where the namespace has none, the one of KServe's own namespace is meant.
  leads(of, "spec.baseRefs[*].name", llmConfig, { optional: true }),
  leads(of, `${router}.gateway.refs[*]`, gateway("Gateway")),
  leads(of, `${router}.route.http.refs[*].name`, gateway("HTTPRoute")),
  leads(of, `${router}.scheduler.pool.ref.name`, pool, { optional: true }),
]);

/** What KServe serves beside the InferenceService: graphs of them, models added to them, large language models, caches; and NIM. */
export const servingParts: Profile = {
  name: "serving-parts",
  about: {
    is: "What stands beside InferenceServices: graphs, language models, caches of models, storage containers, NIM accounts.",
    left: "Deployments, Services and routes; caches, which are filled again; what nodes tell of themselves.",
    status: "They start clean.",
  },
  kinds: [graph, trained, llm, llmConfig, cache, nodeGroup, storageContainer, account],
  paths: [
    leads(graph, "spec.nodes{*}.steps[*].serviceName", kinds.inferenceService),
    leads(graph, "spec.nodes{*}.steps[*].serviceUrl", "uri"),
    leads(trained, "spec.inferenceService", kinds.inferenceService),
    leads(trained, "spec.model.storageUri", "uri"),
    ...llmPaths,
    leads(llm, annotation("opendatahub.io/connections"), kinds.secret, { rule: "llmInferenceService.connections" }),
    hardwareProfileOf(llm),
    leads(cache, "spec.sourceModelUri", "uri"),
    leads(cache, "spec.nodeGroups[*]", nodeGroup, { within: "cluster" }),
    leads(storageContainer, "spec.container.image", "image"),
    leads(account, "spec.apiKeySecret", kinds.secret),
    leads(account, "spec.modelListConfig", kinds.configMap),
    leads(kinds.servingRuntime, annotation("opendatahub.io/template-name"), template, {
      rule: "servingRuntime.template",
      optional: true,
    }),
  ],
  children: (object) =>
    isKind(object, kserve("LocalModelNode"))
      ? { rule: "runtime-kind", reason: "it tells what one node has cached; the cache is filled again" }
      : undefined,
  readiness: (object) =>
    [graph, trained, llm, account].some((kind) => isKind(object, kind)) ? condition(object, "Ready") : undefined,
  restoreRules: [
    startsClean(
      "serving-parts",
      [graph, trained, llm, cache, nodeGroup, account],
      "it names addresses, pods and node caches of the old cluster",
    ),
  ],
  order: [
    { kind: graph, after: [kinds.inferenceService], why: "its steps are endpoints" },
    { kind: trained, after: [kinds.inferenceService], why: "it is loaded into an endpoint" },
    {
      kind: llm,
      after: [llmConfig, kinds.secret, kinds.configMap, kinds.serviceAccount, kinds.claim, kinds.bucketClaim],
      why: "it is refused without its connection, and its pods load the weights when they start",
    },
  ],
};
