import { kinds } from "../kinds.ts";
import { leads } from "../paths.ts";
import type { GroupKind, Profile } from "../profile.ts";
import { genericChildren, genericKeeps } from "./children.ts";
import { genericReadiness } from "./readiness.ts";
import { genericReferences } from "./references.ts";
import { genericRestoreRules } from "./restore-rules.ts";

const resource = (kind: string): GroupKind => ({ group: "resource.k8s.io", kind });
const deviceClass = resource("DeviceClass");

/** Devices that pods claim: of resource.k8s.io/v1, and of the versions before it. */
const devicePaths = [
  { of: resource("ResourceClaim"), devices: "spec.devices" },
  { of: resource("ResourceClaimTemplate"), devices: "spec.spec.devices" },
].flatMap(({ of, devices }) =>
  [`${devices}.requests[*].exactly`, `${devices}.requests[*].firstAvailable[*]`, `${devices}.requests[*]`].map((path) =>
    leads(of, `${path}.deviceClassName`, deviceClass, { within: "cluster" }),
  ),
);

/** Kubernetes itself: what holds for every application, AI or not. */
export const generic: Profile = {
  name: "kubernetes",
  about: {
    is: "Kubernetes itself: what holds for every application, AI or not.",
    left: "What controllers make: Pods, ReplicaSets, Endpoints, Events; what a cluster issues: tokens, certificates, bundles.",
    keeps: "Claims and Secrets, whoever owns them; old revisions, and ended Jobs of a CronJob.",
    status: "Built-in kinds start clean, but for ended Jobs.",
    held: "Jobs that were under way are suspended.",
  },
  kinds: [
    kinds.pod,
    kinds.deployment,
    kinds.statefulSet,
    kinds.daemonSet,
    kinds.job,
    kinds.claim,
    kinds.service,
    kinds.secret,
    kinds.configMap,
  ],
  paths: devicePaths,
  references: genericReferences,
  children: genericChildren,
  keeps: genericKeeps,
  readiness: genericReadiness,
  restoreRules: genericRestoreRules,
  order: [
    {
      kind: kinds.roleBinding,
      after: [kinds.role, kinds.serviceAccount],
      why: "a binding is understood only with what it binds",
    },
    ...[kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.pod, kinds.job, kinds.cronJob].map((kind) => ({
      kind,
      after: [
        kinds.secret,
        kinds.configMap,
        kinds.serviceAccount,
        kinds.role,
        kinds.roleBinding,
        kinds.claim,
        kinds.service,
      ],
      why: "a pod starts only with what it mounts, and reads the addresses of Services when it starts",
    })),
  ],
};
