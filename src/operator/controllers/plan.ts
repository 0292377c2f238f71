import { kindResource } from "../../api/resources.ts";
import { toFault } from "../../base/fault.ts";
import type { KubeClient } from "../../kube/contract.ts";
import type { KubeObject } from "../../flow/object.ts";
import { namespaces } from "../../kube/well-known.ts";
import { namespacesOf } from "../../run/scope.ts";
import { scopeOf } from "../../run/specs.ts";
import { resolveTarget } from "../../run/target-access.ts";
import type { Deps, Next } from "./deps.ts";

/**
 * A plan says whether it could be run now: target there, namespaces there. It does nothing by itself, and deleting one
 * never deletes data.
 */
export async function reconcilePlan(
  deps: Deps,
  kind: string,
  name: string,
  namespace: string | undefined,
): Promise<Next> {
  const { client, settings } = deps;
  const plan = await client.find(kindResource(kind), name, namespace);
  if (!plan || plan.metadata.deletionTimestamp) return undefined;
  const problems = await problemsOf(client, plan, settings.namespace);
  const status = problems.length === 0 ? "Available" : "Unavailable";
  const message = problems.join("; ");
  const current = plan.status ?? {};
  if (
    current.status !== status ||
    current.message !== message ||
    current.observedGeneration !== plan.metadata.generation
  ) {
    const ready = (current.conditions ?? []).find((one: { type: string }) => one.type === "Ready");
    const flag = status === "Available" ? "True" : "False";
    await client.patch(
      kindResource(kind),
      name,
      namespace,
      {
        status: {
          status,
          message,
          observedGeneration: plan.metadata.generation ?? 0,
          conditions: [
            {
              type: "Ready",
              status: flag,
              reason: status,
              message: message || "target and namespaces are there",
              observedGeneration: plan.metadata.generation ?? 0,
              lastTransitionTime:
                ready?.status === flag ? ready.lastTransitionTime : new Date().toISOString().replace(/\.\d+Z$/, "Z"),
            },
          ],
        },
      },
      { subresource: "status" },
    );
  }
  return 60_000;
}

async function problemsOf(client: KubeClient, plan: KubeObject, system: string): Promise<string[]> {
  const problems: string[] = [];
  const ref = plan.spec.backupConfig.target;
  await resolveTarget(
    client,
    { name: ref.name, namespace: ref.namespace ?? plan.metadata.namespace ?? system },
    system,
  ).catch((error) => {
    problems.push(toFault(error).message);
  });
  for (const { namespace } of plan.spec.backupComponents ?? []) {
    if (!(await client.find(namespaces, namespace))) problems.push(`namespace ${namespace} does not exist`);
  }
  await namespacesOf(client, scopeOf(plan)).catch((error) => {
    problems.push(toFault(error).message); // selectors that choose nothing
  });
  return problems;
}
