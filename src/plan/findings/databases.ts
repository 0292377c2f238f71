import type { Finding } from "../../base/finding.ts";
import { engines } from "../../flow/database-engine.ts";
import type { Database, Inventory } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import { serviceOfHost } from "../../profiles/hosts.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";
import { readingOf } from "./volumes.ts";

export function databaseFindings(inventory: Inventory): readonly Finding[] {
  return [...ofDatabases(inventory), ...registriesElsewhere(inventory)];
}

function ofDatabases({ databases, volumes }: Inventory): readonly Finding[] {
  return databases.flatMap((database) => {
    const subject = `${database.namespace} Pod/${database.pod}`;
    const { name } = engines[database.engine];
    const live = volumes.filter((one) => database.volumes.includes(one.id) && readingOf(one) === "live");
    const advice = `kubectl logs -n ${database.namespace} ${database.pod}`;
    const how = engines[database.engine].hold === "session" ? heldBySession : keptByJournal;
    return [
      ...how(database, subject, live.length > 0),
      ...(database.ready === false
        ? [finding("DATABASE_NOT_QUIESCED", subject, `${name} is not ready: its volume is cut as it is`, advice)]
        : []),
      ...live.map((volume) =>
        finding(
          "DATABASE_ON_LIVE_VOLUME",
          subject,
          `its volume ${volume.claim} has no snapshot support: the copy of a running ${name} may not start`,
        ),
      ),
    ];
  });
}

function heldBySession({ engine, accounts }: Database, subject: string): readonly Finding[] {
  if (accounts.length > 0) return [];
  const message = `${engines[engine].name} runs here, and its environment names no account to hold it with`;
  return [finding("DATABASE_NOT_QUIESCED", subject, message)];
}

function keptByJournal({ engine, volumes }: Database, subject: string, isLive: boolean): readonly Finding[] {
  const { name, journal } = engines[engine];
  if (volumes.length === 0 || isLive) return []; // what is said of emptyDirs and live volumes is worse
  if (volumes.length > 1) {
    const message = `${name} keeps its data on ${volumes.length} volumes, which are cut one after the other: they may not fit together`;
    return [finding("DATABASE_SPREAD", subject, message)];
  }
  const message = `${name} is not held: its volume is cut in one moment, and it repairs itself from ${journal}`;
  return [finding("DATABASE_BY_JOURNAL", subject, message)];
}

/** Registries whose host is no Service of the plan's namespaces with a running database behind it. */
function registriesElsewhere(inventory: Inventory): readonly Finding[] {
  const scope = new Set(inventory.namespaces);
  return objectsOf(inventory, kinds.modelRegistry).flatMap((object) => {
    const { namespace = "", name } = object.metadata;
    const settings = object.spec?.mysql ?? object.spec?.postgres;
    if (!settings?.host || settings.generateDeployment) return [];
    const subject = `${namespace} ModelRegistry/${name}`;
    const service = serviceOfHost(settings.host, namespace);
    if (!service)
      return [finding("DATABASE_OUTSIDE_PLAN", subject, `its rows are in ${settings.host}, outside of the cluster`)];
    if (!scope.has(service.namespace)) {
      return [
        finding(
          "DATABASE_OUTSIDE_PLAN",
          subject,
          `its rows are in ${settings.host}, and namespace ${service.namespace} is not in the plan`,
          `add namespace ${service.namespace} to the plan`,
        ),
      ];
    }
    return isBacked(inventory, service)
      ? []
      : [
          finding(
            "DATABASE_OUTSIDE_PLAN",
            subject,
            `Service ${service.name}, which its rows are behind, leads to no pod with a volume in the plan`,
          ),
        ];
  });
}

/** The Service leads to a pod that mounts a claim. */
function isBacked({ edges }: Inventory, service: { readonly namespace: string; readonly name: string }): boolean {
  const from = refKey({ ...kinds.service, ...service });
  const pods = new Set(edges.filter((edge) => edge.from === from && edge.kind === "selects").map((edge) => edge.to));
  return edges.some((edge) => pods.has(edge.from) && edge.rule === "pod.volumes.persistentVolumeClaim");
}
