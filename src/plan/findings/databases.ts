import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
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
    const found: Finding[] = [];
    if (database.accounts.length === 0) {
      found.push(
        finding(
          "DATABASE_NOT_QUIESCED",
          subject,
          `${database.engine} runs here, and its environment names no account to hold it with`,
        ),
      );
    }
    if (database.ready === false) {
      found.push(
        finding(
          "DATABASE_NOT_QUIESCED",
          subject,
          `${database.engine} is not ready: its volume is cut as it is`,
          `kubectl logs -n ${database.namespace} ${database.pod}`,
        ),
      );
    }
    for (const volume of volumes.filter((one) => database.volumes.includes(one.id) && readingOf(one) === "live")) {
      found.push(
        finding(
          "DATABASE_ON_LIVE_VOLUME",
          subject,
          `its volume ${volume.claim} has no snapshot support: the copy of a running ${database.engine} may not start`,
        ),
      );
    }
    return found;
  });
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
