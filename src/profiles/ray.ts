import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { serviceOfHost } from "./hosts.ts";
import { isKind, kinds } from "./kinds.ts";
import { noted } from "./noted.ts";
import { leads } from "./paths.ts";
import type { GroupKind, NotRestored, Profile, Readiness, Reference } from "./profile.ts";
import { rowsAt } from "./rows-at.ts";
import { endOf } from "./runs.ts";

const ray = (kind: string): GroupKind => ({ group: "ray.io", kind });
const rayCluster = ray("RayCluster");
const rayJob = ray("RayJob");
const rayService = ray("RayService");
const rayCronJob = ray("RayCronJob");
const rayKinds = [rayCluster, rayJob, rayService, rayCronJob];

/** Where each kind keeps the RayClusterSpec that it makes a cluster of. */
const clusters: readonly { readonly of: GroupKind; readonly at: string }[] = [
  { of: rayCluster, at: "spec" },
  { of: rayJob, at: "spec.rayClusterSpec" },
  { of: rayService, at: "spec.rayClusterConfig" },
  { of: rayCronJob, at: "spec.jobTemplate.rayClusterSpec" },
];

/** KubeRay. What a cluster knows lies in its head's memory, or in Redis or a volume where it is told to keep it there. */
export const rayProfile: Profile = {
  name: "ray",
  about: {
    is: "KubeRay: Ray clusters, jobs, services and schedules.",
    left: "Head and worker Pods, Services, routes, submitter Jobs, and the RayClusters that a RayJob or RayService makes for itself.",
    keeps:
      "The claim with the state of a head (<cluster>-gcs-pvc), and its token Secret. State in Redis is found again: its name, the uid of the old cluster, is written down.",
    status: "An ended RayJob keeps it; all others start clean.",
  },
  kinds: rayKinds,
  paths: [
    ...clusters.flatMap(({ of, at }) => [
      leads(of, `${at}.gcsFaultToleranceOptions.redisPassword.valueFrom.secretKeyRef.name`, kinds.secret, {
        rule: "ray.gcs.redisPassword",
      }),
      leads(of, `${at}.gcsFaultToleranceOptions.redisUsername.valueFrom.secretKeyRef.name`, kinds.secret, {
        rule: "ray.gcs.redisUsername",
      }),
      leads(of, `${at}.authOptions.secretName`, kinds.secret, { rule: "ray.authOptions.secretName", optional: true }),
    ]),
    leads(rayCluster, "spec.gcsFaultToleranceOptions.storage.claimName", kinds.claim, {
      rule: "ray.gcs.storage.claimName",
      kind: "stores",
    }),
    leads(rayJob, 'spec.clusterSelector["ray.io/cluster"]', rayCluster, { rule: "rayJob.clusterSelector" }),
    ...[
      { of: rayJob, at: "spec" },
      { of: rayCronJob, at: "spec.jobTemplate" },
    ].flatMap(({ of, at }) => [
      leads(of, `${at}.runtimeEnvYAML | yaml.working_dir`, "uri"),
      leads(of, `${at}.runtimeEnvYAML | yaml.py_modules[*]`, "uri"),
    ]),
    leads(rayService, "spec.serveConfigV2 | yaml.applications[*].runtime_env.working_dir", "uri"),
    leads(rayService, "spec.serveConfigV2 | yaml.applications[*].runtime_env.py_modules[*]", "uri"),
  ],
  rows: clusters.map(({ of, at }) => rowsAt(of, `${at}.gcsFaultToleranceOptions.redisAddress`)),
  references: redisOf,
  children,
  readiness,
  restoreRules: [
    startsClean("ray", [rayCluster, rayService, rayCronJob], "its pods and addresses are those of the old cluster"),
    {
      id: "ray-storage-namespace",
      kinds: [rayCluster],
      why: "Ray keeps its state under the uid of the old cluster object; the new one finds it only by that name",
      change: keepState,
    },
    {
      id: "ray-job-can-be-held",
      kinds: [rayJob],
      why: "KubeRay refuses to suspend a job that would leave its cluster standing; the cluster of the old run is gone in any case",
      change: shutDownAfter,
    },
    {
      id: "ray-cron-job-suspended",
      kinds: [rayCronJob],
      why: "nothing runs by itself after a restore, and missed runs are not made up for",
      change: (object) => ({ ...object, spec: { ...object.spec, suspend: true } }),
    },
  ],
  order: rayKinds.map((kind) => ({
    kind,
    after: [kinds.secret, kinds.configMap, kinds.claim, kinds.serviceAccount],
    why: "its head looks for its old state when it starts",
  })),
};

/** KubeRay suspends only jobs that run on a cluster of their own, and that may shut it down. It marks others as invalid, also ended ones. */
function children(object: KubeObject): NotRestored | undefined {
  const why = isKind(object, rayJob) ? whyNeverHeld(object.spec ?? {}) : undefined;
  if (!why) return undefined;
  const end = endOf(object);
  return {
    rule: end ? "finished-run" : "unfinished-run",
    reason: `${why}, and KubeRay suspends no such job: written back, it would ${end ? "run again" : "start at once"}`,
  };
}

function whyNeverHeld({ clusterSelector, deletionStrategy = {} }: Record<string, any>): string | undefined {
  if (Object.keys(clusterSelector ?? {}).length > 0) return "it runs on a Ray cluster that it did not make";
  const { deletionRules = [], onSuccess, onFailure } = deletionStrategy;
  if (deletionRules.length > 0) return "it has deletion rules";
  return [onSuccess, onFailure].some((one) => one?.policy === "DeleteNone")
    ? "it leaves its cluster standing"
    : undefined;
}

/** A Redis of the cluster: "redis:6379", "redis://redis.team-a.svc:6379". */
function redisOf(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  if (!namespace || !isKind(object, rayCluster)) return [];
  const address: unknown = object.spec?.gcsFaultToleranceOptions?.redisAddress;
  if (typeof address !== "string") return [];
  const service = serviceOfHost(address.replace(/^\w+:\/\//, "").replace(/:\d+$/, ""), namespace);
  if (!service) return [];
  return [{ to: { ...kinds.service, ...service }, kind: "needs", rule: "ray.gcs.redisAddress", optional: true }];
}

function readiness(object: KubeObject): Readiness | undefined {
  if (isKind(object, rayService)) return condition(object, "Ready");
  if (!isKind(object, rayCluster)) return undefined;
  if (object.spec?.suspend) return "ready"; // stopped, as it should be
  return object.status?.state === "ready" ? "ready" : "not";
}

const oldWay = { on: "ray.io/ft-enabled", name: "ray.io/external-storage-namespace" };

/** Only a RayCluster's own uid names its state: those that a RayJob or RayService makes are new in each run. */
function keepState(object: KubeObject): KubeObject {
  const { uid, annotations } = object.metadata;
  const state = object.spec?.gcsFaultToleranceOptions;
  if (!uid) return object;
  if (state?.redisAddress && !state.externalStorageNamespace) state.externalStorageNamespace = uid;
  if (!state && annotations?.[oldWay.on] === "true") annotations[oldWay.name] ??= uid;
  return object;
}

function shutDownAfter(object: KubeObject): KubeObject {
  const { spec } = object;
  const isHeld = spec?.suspend || endOf(object); // an ended one is held until its status is there
  if (!isHeld || spec.shutdownAfterJobFinishes) return object;
  spec.shutdownAfterJobFinishes = true;
  return noted(object, "shutdown-after-job-finishes", "false");
}
