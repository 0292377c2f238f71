import { waitFor } from "../base/wait.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import type { RestoreContext } from "./context.ts";

const annotation = "kubeflow-resource-stopped";
const lockSeconds = 60;

/**
 * A workbench that was stopped stays stopped: OpenShift AI's webhook puts a lock in place of the time at which it was
 * stopped, and takes the lock away later, which starts the workbench. The time is put back when the lock is gone.
 */
export async function keepStopped(
  resource: ApiResource,
  wanted: KubeObject,
  made: KubeObject,
  { client, signal }: RestoreContext,
): Promise<void> {
  const stoppedAt = wanted.kind === "Notebook" ? wanted.metadata.annotations?.[annotation] : undefined;
  if (!stoppedAt || made.metadata.annotations?.[annotation] === stoppedAt) return;
  const { name, namespace } = wanted.metadata;
  await waitFor(
    async () => {
      const live = await client.get(resource, name, namespace);
      return live.metadata.annotations?.[annotation]?.endsWith("controller-lock") ? undefined : live;
    },
    { reason: `the start lock of Notebook ${namespace}/${name} to go`, seconds: lockSeconds, signal },
  );
  await client.patch(resource, name, namespace, { metadata: { annotations: { [annotation]: stoppedAt } } });
}
