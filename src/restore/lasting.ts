import { waitFor } from "../base/wait.ts";
import { type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import type { ResourcePath } from "../kube/contract.ts";
import type { RestoreContext } from "./context.ts";
import { aside, secondsFor } from "./pace.ts";
import { persist } from "./retry.ts";

/** The object as it is, undefined where there is none. One that is being deleted is waited for: it is as good as gone. */
export async function untilLasting(
  resource: ResourcePath,
  ref: ObjectRef,
  context: RestoreContext,
): Promise<KubeObject | undefined> {
  const { client, signal, progress } = context;
  let told = false;
  const found = await aside(() =>
    waitFor(
      async () => {
        const object = await persist(() => client.find(resource, ref.name, ref.namespace), signal);
        if (!object?.metadata.deletionTimestamp) return { object };
        if (!told) progress.note(`${refKey(ref)} is being deleted: waiting until it is gone`);
        told = true;
        return undefined;
      },
      {
        reason: `${refKey(ref)} to be gone: it is being deleted, and something still holds it`,
        seconds: secondsFor("objectGone"),
        everyMs: 1000,
        signal,
      },
    ),
  );
  return found.object;
}
