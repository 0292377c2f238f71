import type { GroupKind, Profile } from "./profile.ts";
import { startsClean } from "./clean-start.ts";

const wrapper: GroupKind = { group: "workload.codeflare.dev", kind: "AppWrapper" };
const schedulingSpec: GroupKind = { group: "scheduling.x-k8s.io", kind: "PodGroup" };

/** AppWrapper of CodeFlare: whole objects inside of one, admitted together. Pods in them are found wherever they are embedded. */
export const appWrapper: Profile = {
  name: "app-wrapper",
  about: {
    is: "CodeFlare's AppWrapper, and the PodGroups of gang schedulers.",
    left: "What an AppWrapper makes of its components; PodGroups, which schedulers and controllers make.",
    status: "An ended AppWrapper keeps it; one that was under way starts clean.",
  },
  kinds: [wrapper],
  leaves: [
    {
      kinds: [schedulingSpec, { group: "scheduling.volcano.sh", kind: "PodGroup" }],
      rule: "runtime-kind",
      reason: "it describes pods that wait together; their controller makes it again",
    },
  ],
  restoreRules: [
    startsClean(
      "pod-group-queue",
      [{ group: "scheduling.volcano.sh", kind: "Queue" }],
      "it counts the jobs of the old cluster",
    ),
  ],
};
