/** State that goes when something else is deleted, or that lies where no backup of the namespaces looks. */
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

const milvus = { group: "milvus.io", kind: "Milvus" } as const;
const workflow = { group: "argoproj.io", kind: "Workflow" } as const;

export function deletionFindings(inventory: Inventory): readonly Finding[] {
  return [...ownedDatabases(inventory), ...milvusStores(inventory), ...offloadedNodes(inventory)];
}

/** Workloads own claims too, by their templates; who deletes one of those means it. */
const workloads = new Set(["v1", "apps/v1", "batch/v1"]);

/** An operator hangs its database's volume on the custom resource: who deletes that one to make it anew deletes the rows. */
function ownedDatabases(inventory: Inventory): readonly Finding[] {
  const all = objectSetOf(inventory.objects);
  return inventory.databases.flatMap(({ volumes, engine }) =>
    volumes.flatMap((id) => {
      const [namespace = "", name = ""] = id.split("/");
      const owner = all
        .get({ ...kinds.claim, namespace, name })
        ?.metadata.ownerReferences?.find((one) => !workloads.has(one.apiVersion));
      if (!owner) return [];
      const message = `deleting ${owner.kind} ${owner.name} deletes it, and with it the ${engine} database on it; it is part of the backup`;
      const detach = `kubectl patch pvc ${name} -n ${namespace} --type json -p '[{"op":"remove","path":"/metadata/ownerReferences"}]'`;
      const advice = `nothing has to be done for recovery; before a delete and retry, detach it: ${detach}`;
      return [finding("DATABASE_OWNED", `${namespace} PersistentVolumeClaim/${name}`, message, advice)];
    }),
  );
}

/** What Milvus runs on is installed by its operator, and removed with it where its custom resource says so. */
function milvusStores(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, milvus).flatMap((object) => {
    const { namespace, name } = object.metadata;
    const dependencies: Record<string, any> = object.spec?.dependencies ?? {};
    const deleted = Object.entries(dependencies).filter(
      ([, one]) => one?.inCluster?.deletionPolicy === "Delete" || one?.inCluster?.pvcDeletion === true,
    );
    if (deleted.length === 0) return [];
    const names = deleted.map(([part]) => part).join(", ");
    return [
      finding(
        "MILVUS_DELETES_STORES",
        `${namespace} Milvus/${name}`,
        `deleting it deletes its ${names} with all vectors and their index`,
      ),
    ];
  });
}

/** With node status offloading, what the steps of a run did is a row of Argo's own database. */
function offloadedNodes(inventory: Inventory): readonly Finding[] {
  return [
    ...Map.groupBy(
      objectsOf(inventory, workflow).filter(
        ({ status }) => status?.offloadNodeStatusVersion && !status.nodes && !status.compressedNodes,
      ),
      (one) => one.metadata.namespace ?? "",
    ),
  ].map(([namespace, runs]) =>
    finding(
      "WORKFLOW_STATUS_OFFLOADED",
      `${namespace} Workflow/${runs[0]?.metadata.name}`,
      runs.length === 1
        ? "what its steps did is in the database of Argo's controller, not in the object"
        : `what the steps of it and ${runs.length - 1} more did is in the database of Argo's controller, not in the objects`,
    ),
  );
}
