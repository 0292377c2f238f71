import { kinds } from "../kinds.ts";
import type { Profile } from "../profile.ts";
import { genericChildren, genericKeeps } from "./children.ts";
import { genericReadiness } from "./readiness.ts";
import { genericReferences } from "./references.ts";
import { genericRestoreRules } from "./restore-rules.ts";

/** Kubernetes itself: what holds for every application, AI or not. */
export const generic: Profile = {
  name: "kubernetes",
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
