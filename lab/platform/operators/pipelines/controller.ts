import type { Kube } from "../../../kube/client.ts";
import type { Controller } from "../../../kube/controller.ts";
import type { LabObject } from "../../../kube/object.ts";
import { adoptChild, ensureChild } from "../children.ts";
import { type Condition, withCondition } from "../condition.ts";
import { claimKind, deploymentKind, pipelineServerKind, secretKind, serviceKind } from "../kinds.ts";
import { databaseOf, stateOf } from "./database.ts";
import { partsOf, unwanted } from "./parts.ts";
import { rightsOf } from "./rights.ts";
import { databaseName, partName, type PipelineImages, serverName, serverSpec } from "./spec.ts";

const manager = "data-science-pipelines-operator";

/**
 * Stands in for the data science pipelines operator: makes the parts of a DataSciencePipelinesApplication with the names and the owner
 * of the real one, the database first and the rest when it is available, uses the password and the volume that it finds, and reports
 * Ready. What it runs are the real Kubeflow Pipelines and Argo.
 */
export function pipelineServers(images: PipelineImages): Controller {
  return {
    name: "pipeline-servers",
    watches: [pipelineServerKind, deploymentKind, serviceKind, secretKind, claimKind],
    reconcile: async (kube) => {
      for (const server of await kube.list(pipelineServerKind)) {
        if (server.metadata.deletionTimestamp === undefined) await settle(kube, server, images);
      }
    },
  };
}

async function settle(kube: Kube, server: LabObject, images: PipelineImages): Promise<void> {
  const spec = serverSpec(server);
  const { name, namespace } = spec;
  for (const child of stateOf(spec)) await adoptChild(kube, child, server, manager);
  for (const child of databaseOf(spec, images.mariadb)) await ensureChild(kube, child, server, manager);
  const isUp = async (own: string) =>
    ((await kube.get(deploymentKind, own, namespace))?.["status"]?.availableReplicas ?? 0) > 0;
  const isDatabaseUp = await isUp(databaseName(name));
  if (isDatabaseUp || (await kube.get(deploymentKind, serverName(name), namespace)) !== undefined) {
    for (const child of [...rightsOf(spec), ...partsOf(spec, images)]) await ensureChild(kube, child, server, manager);
    for (const part of unwanted(spec)) await removeOwn(kube, server, part);
  }
  const off = new Set(unwanted(spec));
  const state = async (own: string) => off.has(own) || (await isUp(own));
  await report(kube, server, [
    ["DatabaseAvailable", isDatabaseUp],
    ["APIServerReady", await state(serverName(name))],
    ["PersistenceAgentReady", await state(partName("persistenceagent", name))],
    ["ScheduledWorkflowReady", await state(partName("scheduledworkflow", name))],
    ["MLMDProxyReady", await state(partName("metadata-grpc", name))],
    ["WorkflowControllerReady", await isUp(partName("workflow-controller", name))],
  ]);
}

/** A part that is not to be deployed is taken away, as the real operator does it; nobody else's is. */
async function removeOwn(kube: Kube, server: LabObject, part: string): Promise<void> {
  const { namespace, uid } = server.metadata;
  const old = await kube.get(deploymentKind, part, namespace);
  if (old?.metadata.ownerReferences?.some((one) => one.uid === uid)) await kube.remove(deploymentKind, part, namespace);
}

async function report(kube: Kube, server: LabObject, parts: [string, boolean][]): Promise<void> {
  const missing = parts.filter(([, up]) => !up).map(([type]) => type);
  const all: [string, boolean][] = [...parts, ["Ready", missing.length === 0]];
  let seen = server;
  for (const [type, up] of all) {
    const next: Condition = {
      type,
      status: up ? "True" : "False",
      reason: up ? "MinimumReplicasAvailable" : "Deploying",
      message: up || type !== "Ready" ? "" : `waiting for ${missing.join(", ")}`,
    };
    const conditions = withCondition(seen, next);
    if (conditions !== undefined) seen = { ...seen, status: { ...seen["status"], conditions } };
  }
  if (seen === server) return;
  const { name, namespace } = server.metadata;
  await kube.patch(pipelineServerKind, name, namespace, { status: seen["status"] }, "status");
}
