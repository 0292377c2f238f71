import type { KubeObject } from "../flow/object.ts";
import { kinds } from "./kinds.ts";
import { startsClean } from "./clean-start.ts";
import { leads } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { GroupKind, Profile } from "./profile.ts";
import { endOf } from "./runs.ts";

const spark = (kind: string): GroupKind => ({ group: "sparkoperator.k8s.io", kind });
const application = spark("SparkApplication");
const schedule = spark("ScheduledSparkApplication");
const connect = spark("SparkConnect");

const applications = [
  { of: application, at: "spec" },
  { of: schedule, at: "spec.template" },
];

/** Spark on Kubernetes, by Kubeflow's operator. */
export const sparkProfile: Profile = {
  name: "spark",
  about: {
    is: "Spark applications, their schedules, and Spark Connect servers.",
    left: "Driver and executor Pods, their Services, ConfigMaps and ingress, and the SparkApplications that a schedule made.",
    keeps: "What the application reads and writes: claims, buckets.",
    status: "An ended application keeps it, and so is not submitted again; one that was under way starts clean.",
  },
  kinds: [application, schedule, connect],
  paths: applications.flatMap(({ of, at }) => [
    leads(of, `${at}.mainApplicationFile`, "uri"),
    ...["jars", "files", "pyFiles", "archives"].map((field) => leads(of, `${at}.deps.${field}[*]`, "uri")),
    leads(of, `${at}.image`, "image"),
    leads(of, `${at}.imagePullSecrets[*]`, kinds.secret, { optional: true }),
    leads(of, `${at}.sparkConfigMap`, kinds.configMap),
    leads(of, `${at}.hadoopConfigMap`, kinds.configMap),
    ...["driver", "executor"].flatMap((part) => [
      leads(of, `${at}.${part}.secrets[*].name`, kinds.secret),
      leads(of, `${at}.${part}.configMaps[*].name`, kinds.configMap),
      leads(of, `${at}.${part}.serviceAccount`, kinds.serviceAccount),
      leads(of, `${at}.${part}.envSecretKeyRefs{*}.name`, kinds.secret),
    ]),
  ]),
  references: podsAt(
    applications.flatMap(({ of, at }) => [
      { of, path: at }, // volumes
      { of, path: `${at}.driver`, as: "container" as const },
      { of, path: `${at}.executor`, as: "container" as const },
    ]),
  ),
  restoreRules: [
    startsClean("spark", [connect, schedule], "it names the pods and the next run of the old cluster"),
    {
      id: "spark-schedule-suspended",
      kinds: [schedule],
      why: "nothing runs by itself after a restore, and missed runs are not made up for",
      change: (object) => ({ ...object, spec: { ...object.spec, suspend: true } }),
    },
    {
      id: "spark-record-kept",
      kinds: [application],
      why: "the time of an ended application is over: it would be deleted at once",
      change: forgetTimeToLive,
    },
  ],
  order: [application, schedule, connect].map((kind) => ({
    kind,
    after: [kinds.secret, kinds.configMap, kinds.claim, kinds.serviceAccount, kinds.roleBinding],
    why: "its driver needs them",
  })),
};

function forgetTimeToLive(object: KubeObject): KubeObject {
  if (endOf(object)) delete object.spec?.timeToLiveSeconds;
  return object;
}
