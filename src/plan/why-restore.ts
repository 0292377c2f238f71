import type { Inventory } from "../flow/inventory.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { objectList } from "../flow/object-list.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Decision } from "../flow/restore-plan.ts";
import type { Selected } from "./backup-selection.ts";
import { decideAll } from "./restore-decide.ts";
import { kindKey, type TargetFacts } from "./restore-facts.ts";

/** What the rules of a restore say to an object as it is now, in a cluster that has its kinds and nothing else. */
export function decideLive(inventory: Inventory, object: ObjectRef, selected: Selected): Decision | undefined {
  const chosen = inventory.objects.filter((one) => selected.choiceOf(refKey(one.ref)).in);
  const { decided } = decideAll({
    point: pointOf(inventory),
    objects: objectList(chosen.filter((one) => one.ref.namespace)),
    clusterObjects: objectList(chosen.filter((one) => !one.ref.namespace)),
    target: emptyTarget(inventory),
    components: inventory.namespaces.map((name) => ({
      sourceNamespace: name,
      restoreNamespace: name,
      flags: {},
      transforms: [],
      storageClassMap: {},
    })),
  });
  const key = refKey(object);
  return decided.find((one) => refKey(one.ref) === key)?.decision;
}

function emptyTarget({ resources }: Inventory): TargetFacts {
  return {
    existing: new Map(),
    namespaces: new Map(),
    storageClasses: [],
    kinds: new Set(resources.map((one) => kindKey(one.group, one.kind))),
    bucketClaims: new Map(),
    missingClusterObjects: [],
    missingRights: [],
  };
}

/** A point as a backup taken now would make it, without its data. */
function pointOf({ cluster, takenAt, namespaces, resources }: Inventory): RecoveryPoint {
  const nowhere = { repository: "", snapshot: "", added: 0 };
  const name = { kind: "ClusterBackup", name: "now", uid: "" };
  const empty = { path: "", count: 0, bytes: 0, sha256: "" };
  const records = resources.map((one) => ({ ...one, ...empty }));
  return {
    layout: 1,
    id: "now",
    cluster: { ...cluster, name: "" },
    plan: name,
    backup: name,
    type: "Full",
    startedAt: takenAt,
    completedAt: takenAt,
    fence: { startedAt: takenAt, endedAt: takenAt, milliseconds: 0 },
    holdfast: "",
    restic: "",
    namespaces: namespaces.map((one) => ({
      name: one,
      uid: "",
      labels: {},
      annotations: {},
      objects: { ...nowhere, kinds: records.filter((each) => each.namespaced) },
      volumes: [],
    })),
    clusterObjects: { ...nowhere, kinds: records.filter((each) => !each.namespaced) },
    databases: [],
    buckets: [],
    skew: [],
    findings: [],
    size: { total: 0, added: 0 },
  };
}
