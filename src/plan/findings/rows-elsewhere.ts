/** Rows that a backup of the namespaces does not hold: their database is elsewhere. */
import type { Finding } from "../../base/finding.ts";
import { someOf } from "../../base/some-of.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type ObjectRef, refKey, refOf } from "../../flow/object.ts";
import { serviceOfHost } from "../../profiles/hosts.ts";
import { kinds } from "../../profiles/kinds.ts";
import { type ObjectSet, objectSetOf } from "../../profiles/object-set.ts";
import { containersOf } from "../../profiles/pod-spec.ts";
import { isPipelinePart, pipelineServer, runsOfServer } from "../../profiles/pipelines.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** One for each host. What a controller makes again is passed over: its owner names the same. */
export function rowsElsewhereFindings(inventory: Inventory): Looking {
  const all = objectSetOf(inventory.objects);
  const hosts = Map.groupBy(inventory.rowHosts ?? [], ({ by }) => refKey(by));
  const users = new Map<string, { readonly told: Told; readonly by: ObjectRef[] }>();
  return {
    look({ ref }, { leftOut }) {
      if (leftOut) return;
      for (const { by, host } of hosts.get(refKey(ref)) ?? []) {
        const told = elsewhere(host, by.namespace, inventory, all);
        if (!told) continue;
        const known = users.get(told.place);
        if (known) known.by.push(by);
        else users.set(told.place, { told, by: [by] });
      }
    },
    findings: () => [...users.values()].map(ofHost),
  };
}

interface Told {
  /** What is the same place for all who use it. */
  readonly place: string;
  readonly message: string;
  readonly advice?: string;
}

function ofHost({ told, by }: { readonly told: Told; readonly by: readonly ObjectRef[] }): Finding {
  // A piece of the platform says more than a workload that reads it.
  const [first, ...others] = by.toSorted((a, b) => Number(a.group === "apps") - Number(b.group === "apps"));
  const also = others.map((ref) => `${ref.namespace ? `${ref.namespace} ` : ""}${ref.kind}/${ref.name}`);
  const more = also.length > 0 ? `; so are those of ${someOf(also, 4)}` : "";
  const { namespace, kind, name } = first!;
  const subject = namespace ? `${namespace} ${kind}/${name}` : `${kind}/${name}`;
  return finding("DATABASE_OUTSIDE_PLAN", subject, `${told.message}${more}`, told.advice);
}

const apart = "back it up where it runs, and after a restore bring it to the time of the point";
const unbacked = "see that its pod runs, and give it a PersistentVolumeClaim for its data";

/** Hosts that are no Service of the plan's namespaces with a running database behind it. */
function elsewhere(host: string, from: string | undefined, inventory: Inventory, all: ObjectSet): Told | undefined {
  const service = serviceOfHost(host, from ?? "");
  if (!service) return { place: host, message: `its rows are in ${host}, outside of the cluster`, advice: apart };
  const { namespace, name } = service;
  if (namespace === "") return undefined; // a short name, of nobody knows where
  const place = `${namespace}/${name}`;
  if (!inventory.namespaces.includes(namespace))
    return {
      place,
      message: `its rows are in ${host}, and namespace ${namespace} is not in the plan`,
      advice: `add namespace ${namespace} to the plan`,
    };
  const spec = all.get({ ...kinds.service, namespace, name })?.spec;
  if (spec?.type === "ExternalName")
    return {
      place,
      message: `its rows are in ${spec.externalName}, outside of the cluster, by Service ${name}`,
      advice: apart,
    };
  if (isBacked(inventory, service, all)) return undefined;
  return {
    place,
    message: `Service ${name}, which its rows are behind, leads to no pod with a volume in the plan`,
    advice: unbacked,
  };
}

/** Poolers and routers stand before a database, and say nothing of where it is. */
const passesOn = /pgbouncer|pgpool|pgcat|odyssey|proxysql|haproxy|maxscale|mysql-router|(^|[/-])router/;

/** The Service leads to a pod that mounts a claim, or to one that only passes on. */
function isBacked(
  { edges }: Inventory,
  service: { readonly namespace: string; readonly name: string },
  all: ObjectSet,
): boolean {
  const from = refKey({ ...kinds.service, ...service });
  const pods = new Set(edges.filter((edge) => edge.from === from && edge.kind === "selects").map((edge) => edge.to));
  if (edges.some((edge) => pods.has(edge.from) && edge.rule === "pod.volumes.persistentVolumeClaim")) return true;
  return all
    .ofKind("", "Pod", service.namespace)
    .some(
      (pod) =>
        pods.has(refKey(refOf(pod))) && containersOf(pod.spec ?? {}).some(({ image = "" }) => passesOn.test(image)),
    );
}

/** Kubeflow for many people has one pipeline server for all: the history of a person's runs is in another namespace. */
export function runsElsewhereFindings(inventory: Inventory): Looking {
  const all = objectSetOf(inventory.objects);
  const servers = all.ofKind(pipelineServer.group, pipelineServer.kind).map((one) => one.metadata.namespace);
  const isOneForAll = all.ofKind("apps", "Deployment").some(isPipelinePart);
  const found = new Map<string, ObjectRef>();
  return {
    look({ ref }, { object }) {
      const { namespace } = ref;
      if (!namespace || isOneForAll || servers.includes(namespace) || found.has(namespace)) return;
      if (runsOfServer(object)) found.set(namespace, ref);
    },
    findings: () =>
      [...found].map(([namespace, { kind, name }]) =>
        finding(
          "DATABASE_OUTSIDE_PLAN",
          `${namespace} ${kind}/${name}`,
          "the history of its runs is rows of a pipeline server that is in no namespace of the plan",
          "add the namespace of the pipeline server to the plan (Kubeflow's own is kubeflow)",
        ),
      ),
  };
}
