import type { Command } from "commander";

export interface Verb {
  readonly description: string;
  /** A process of a pod: not for people, not shown in help. */
  readonly hidden?: boolean;
  /** Its file is read when it is typed: the help of all verbs needs none of them. */
  readonly load: () => Promise<() => Command>;
}

export const verbs: Readonly<Record<string, Verb>> = {
  inspect: {
    description:
      "What is here, what protects it, and what would be lost if the cluster died now; needs no operator and no backup",
    load: async () => (await import("./inspect.ts")).inspectVerb,
  },
  why: {
    description: "Why one object is in a backup or out of it, what needs it, and what a restore would do with it",
    load: async () => (await import("./why.ts")).whyVerb,
  },
  backup: {
    description:
      "Take a backup: by a plan of the cluster, or without an operator of namespaces into a directory or bucket",
    load: async () => (await import("./backup.ts")).backupVerb,
  },
  restore: {
    description: "Bring a recovery point back; --dry-run prints what would happen to every object, and why",
    load: async () => (await import("./restore.ts")).restoreVerb,
  },
  preflight: {
    description:
      "Could a recovery point come up on another cluster: APIs, storage, images, GPUs, network, identity; reads only",
    load: async () => (await import("./preflight.ts")).preflightVerb,
  },
  points: {
    description: "List recovery points: those that this cluster shows, or with --from those on a target",
    load: async () => (await import("./points.ts")).pointsVerb,
  },
  describe: {
    description: "Show a backup or restore of the cluster, or with --from the whole content of a recovery point",
    load: async () => (await import("./describe.ts")).describeVerb,
  },
  verify: {
    description:
      "Check a recovery point: signature, every snapshot and stream that it names; with --read-data every byte",
    load: async () => (await import("./verify.ts")).verifyVerb,
  },
  target: {
    description: "Look at targets; print what a person must keep to read one without the cluster",
    load: async () => (await import("./target.ts")).targetVerb,
  },
  logs: {
    description: "The log of a backup's or restore's runner",
    load: async () => (await import("./logs.ts")).logsVerb,
  },
  cleanup: {
    description:
      "Remove what runs of this CLI left behind when they were killed (the operator cleans up after its own)",
    load: async () => (await import("./cleanup.ts")).cleanupVerb,
  },
  install: {
    description:
      "Print the manifests of the operator: holdfast install --image IMAGE | kubectl apply --server-side -f -",
    load: async () => (await import("./install.ts")).installVerb,
  },
  agent: {
    description: "The process of a runner or mover pod",
    hidden: true,
    load: async () => (await import("./processes.ts")).agentVerb,
  },
  operator: {
    description: "The process of the operator's Deployment",
    hidden: true,
    load: async () => (await import("./processes.ts")).operatorVerb,
  },
};
