/** Pieces of statuses. Loose on purpose: a status that is refused helps nobody. Writers bound their lists. */
import { z } from "zod";

export const timestamp = z.iso.datetime({ offset: true });
const count = z.int().min(0);

export const condition = z.looseObject({
  type: z.string().describe("A stage (Discover, Plan, Snapshot, ...) or Ready."),
  status: z.enum(["True", "False", "Unknown"]).describe("True: done. Unknown: under way. False: failed."),
  reason: z.string().optional().describe("One word for programs."),
  message: z.string().optional().describe("A sentence for people."),
  lastTransitionTime: timestamp.optional().describe("When the status last changed."),
  observedGeneration: count.optional().describe("The generation of the spec it speaks of."),
});

export const finding = z.looseObject({
  code: z.string().describe("Stable name, listed in the reference of findings."),
  severity: z.enum(["info", "warning", "error"]).describe("How much it matters."),
  subject: z.string().describe("What it is about."),
  message: z.string().describe("What is the case."),
  advice: z.string().optional().describe("What to do."),
});

const point = z.looseObject({
  target: z
    .looseObject({
      name: z.string().optional().describe("Name."),
      namespace: z.string().optional().describe("Namespace."),
    })
    .optional()
    .describe("The Target on which the point lies."),
  cluster: z.string().optional().describe("UID of the cluster that wrote it."),
  plan: z.string().optional().describe("Path of its plan on the target."),
  id: z.string().optional().describe("Its id; sorts by time."),
  namespaces: z.array(z.string()).optional().describe("The namespaces that it holds."),
  location: z.string().optional().describe("Its path on the target, for a restore by source.location."),
});

export const conditions = z
  .array(condition)
  .optional()
  .describe("The stages in order, and Ready.")
  .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });

/** What every resource's status has. */
export const common = {
  message: z.string().optional().describe("What is going on or what went wrong, and what to do."),
  conditions,
  observedGeneration: count.optional().describe("The generation of the spec that this status speaks of."),
} as const;

/** What the status of a run has: of a backup as well as of a restore. */
export const run = {
  status: z
    .enum(["Queued", "InProgress", "Available", "Failed", "Canceled", "Deleting"])
    .optional()
    .describe("The one word for where it stands. Available: finished, with everything accounted for."),
  ...common,
  startTimestamp: timestamp.optional().describe("When it began."),
  completionTimestamp: timestamp.optional().describe("When it ended."),
  duration: z.string().optional().describe("How long it took, for people: 6m22s."),
  percentageCompletion: z.int().min(0).max(100).optional().describe("How much of the bulk data is done."),
  point: point.optional().describe("The recovery point that was written or is restored."),
  findings: z
    .array(finding)
    .optional()
    .describe("What a person should know; the whole list is in the recovery point or the log."),
  runner: z
    .looseObject({ job: z.string().optional().describe("Name of the Job in Holdfast's namespace.") })
    .optional()
    .describe("Who does the work."),
} as const;

export { count };
