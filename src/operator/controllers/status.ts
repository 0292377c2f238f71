import { kindResource } from "../../api/resources.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { Deps } from "./deps.ts";

/**
 * Writes what the operator has to say into a status. Refused (CONFLICT) where somebody wrote since `object` was read: the
 * runner writes there too, and its last word must not be lost.
 */
export async function say(
  { client }: Deps,
  object: KubeObject,
  status: Readonly<Record<string, unknown>> & { readonly status: string },
): Promise<void> {
  if (object.status?.status === status.status && object.status?.message === status.message) return;
  const { name, namespace, resourceVersion, generation = 0 } = object.metadata;
  await client.patch(
    kindResource(object.kind),
    name,
    namespace,
    { metadata: { resourceVersion }, status: { observedGeneration: generation, ...status } },
    { subresource: "status" },
  );
}
