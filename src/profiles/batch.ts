import type { KubeObject } from "../flow/object.ts";
import { kinds } from "./kinds.ts";
import type { GroupKind, Profile } from "./profile.ts";

const jobSet: GroupKind = { group: "jobset.x-k8s.io", kind: "JobSet" };

/** What runs to an end, and schedules of it, whatever framework runs inside. Jobs themselves are among the generic rules. */
export const batch: Profile = {
  name: "batch",
  about: {
    is: "CronJobs and JobSets.",
    left: "Pods, and the Jobs of a JobSet. Ended Jobs of a CronJob come back as its history.",
    status: "An ended JobSet keeps it; one that was under way starts clean.",
  },
  kinds: [kinds.cronJob, jobSet],
  restoreRules: [
    {
      id: "cron-job-suspended",
      kinds: [kinds.cronJob],
      why: "nothing runs by itself after a restore, and missed runs are not made up for",
      change: suspend,
    },
    { id: "job-set-suspended", kinds: [jobSet], why: "a run that was under way waits for a person", change: suspend },
  ],
};

function suspend(object: KubeObject): KubeObject {
  return { ...object, spec: { ...object.spec, suspend: true } };
}
