import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { GroupKind, Profile } from "./profile.ts";
import { secretText } from "./rows-at.ts";
import { valueOf } from "./secret-values.ts";

const trusty = (kind: string): GroupKind => ({ group: "trustyai.opendatahub.io", kind });
const service = trusty("TrustyAIService");
const evalJob = trusty("LMEvalJob");
const evalHub = trusty("EvalHub");
const guardrails = trusty("GuardrailsOrchestrator");
const nemo = trusty("NemoGuardrails");

/** TrustyAI: bias and drift of endpoints, evaluation of language models, guardrails before them. */
export const trustyAi: Profile = {
  name: "trusty-ai",
  about: {
    is: "TrustyAI services, evaluation jobs and hubs, guardrails.",
    left: "Deployments, Services, routes, ServiceMonitors, and the Pods of evaluation jobs.",
    keeps: "The claim <name>-pvc with recorded inferences, the claim with results, the Secret of the database.",
    status: "An ended evaluation keeps it: its results are there and nowhere else. All others start clean.",
  },
  kinds: [service, evalJob, evalHub, guardrails, nemo],
  paths: [
    leads(service, "spec.storage.databaseConfigurations", kinds.secret),
    leads(service, "metadata.name", kinds.claim, {
      name: "*-pvc",
      rule: "trustyAIService.storage",
      kind: "stores",
      optional: true,
    }),
    leads(evalJob, "spec.outputs.pvcName", kinds.claim, { kind: "stores" }),
    leads(evalJob, "spec.offline.storage.pvcName", kinds.claim),
    ...["accessKeyId", "secretAccessKey", "bucket", "endpoint", "region", "path"].map((field) =>
      leads(evalJob, `spec.offline.storage.s3.${field}.name`, kinds.secret, { rule: "lmEvalJob.offline.storage.s3" }),
    ),
    leads(evalJob, "spec.taskList.customTasks.source.git.url", "uri"),
    leads(guardrails, "spec.orchestratorConfig", kinds.configMap),
    leads(guardrails, "spec.customDetectorsConfig", kinds.configMap),
    leads(guardrails, "spec.guardrailsGatewayConfig", kinds.configMap),
    leads(guardrails, "spec.tlsSecrets[*]", kinds.secret),
    leads(nemo, "spec.nemoConfigs[*].configMaps[*]", kinds.configMap),
    leads(nemo, "spec.caBundleConfig.configMapName", kinds.configMap, { optional: true }),
    leads(evalHub, "spec.database.secret", kinds.secret),
  ],
  references: podsAt([
    { of: evalJob, path: "spec.pod.container", as: "container" },
    { of: evalJob, path: "spec.pod" }, // volumes
    { of: guardrails, path: "spec", as: "container" }, // env
    { of: nemo, path: "spec", as: "container" },
    { of: evalHub, path: "spec", as: "container" },
  ]),
  rows: [
    {
      of: service,
      hosts: (object, all) => [
        secretText(object, all, object.spec?.storage?.databaseConfigurations, "databaseService"),
      ],
    },
    { of: evalHub, hosts: (object, all) => [secretText(object, all, object.spec?.database?.secret, "db-url")] },
  ],
  readiness: (object) =>
    [service, guardrails, nemo, evalHub].some((kind) => isKind(object, kind)) ? condition(object, "Ready") : undefined,
  restoreRules: [
    startsClean("trusty-ai", [service, guardrails, nemo, evalHub], "its parts are made again"),
    {
      id: "trusty-ai-keeps-rows",
      kinds: [kinds.secret],
      why: "a service that is told to drop and create would wipe the database that came back",
      change: keepRows,
    },
  ],
  order: [
    { kind: service, after: [kinds.secret, kinds.claim], why: "it makes an empty store where it finds none" },
    { kind: guardrails, after: [kinds.configMap, kinds.secret], why: "it reads its configuration when it starts" },
    { kind: nemo, after: [kinds.configMap, kinds.secret], why: "it reads its configuration when it starts" },
  ],
};

/** The Secret that a TrustyAIService names: known by its keys, since Secrets are changed without a look at others. */
function keepRows(secret: KubeObject): KubeObject {
  if (valueOf(secret, "databaseKind") === undefined || valueOf(secret, "databaseGeneration") !== "drop-and-create")
    return secret;
  if (secret.data) secret.data.databaseGeneration = Buffer.from("update").toString("base64");
  return secret;
}
