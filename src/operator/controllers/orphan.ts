import { kindResource } from "../../api/resources.ts";
import { jobs, roleBindings, serviceAccounts } from "../../kube/well-known.ts";
import { runLabel } from "../../movers/contract.ts";
import { cleanUp, type Deps, type Next, runIdOf } from "./deps.ts";

/** What is left of a run whose object is gone (deleted by force, or with its namespace): everything of it is removed. */
export async function reconcileOrphan(deps: Deps, run: string): Promise<Next> {
  const { client, settings } = deps;
  const labels = `${runLabel}=${run}`;
  let alive = false;
  for await (const { object: job } of client.list(jobs, {
    namespace: settings.namespace,
    labels: `${labels},app.kubernetes.io/component=runner`,
  })) {
    const [kind = "", path = ""] = (job.metadata.annotations?.["holdfast.dev/for"] ?? "").split(" ");
    const [first = "", second] = path.split("/");
    const owner = await client.find(kindResource(kind), second ?? first, second === undefined ? undefined : first);
    // One of the same name that was made since is another run; a Target's checks have runs of their own.
    if (owner && (kind === "Target" || runIdOf(owner) === run)) alive = true;
    else await client.remove(jobs, job.metadata.name, settings.namespace, { propagation: "Foreground" });
  }
  if (alive) return undefined;
  for await (const { object } of client.list(roleBindings, { labels }))
    await client.remove(roleBindings, object.metadata.name, object.metadata.namespace);
  for await (const { object } of client.list(serviceAccounts, { namespace: settings.namespace, labels }))
    await client.remove(serviceAccounts, object.metadata.name, settings.namespace);
  await cleanUp(deps, run);
  return undefined;
}
