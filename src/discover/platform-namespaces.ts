import pLimit from "p-limit";
import { Fault, toFault } from "../base/fault.ts";
import type { ApiResource } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { isPlatformKind } from "../profiles/platform-groups.ts";

const inFlight = 8;
/** A kind of which so many in a row bring no new namespace is left: runs of one pipeline come in thousands. */
const enough = 2000;

/** The namespaces of this cluster that hold a piece of an AI platform. */
export async function platformNamespaces(client: KubeClient): Promise<readonly string[]> {
  const kinds = (await client.resources(() => {})).filter(
    (one) => one.namespaced && one.verbs.includes("list") && isPlatformKind(one),
  );
  const limit = pLimit(inFlight);
  const found = new Set<string>();
  await Promise.all(kinds.map((kind) => limit(() => addNamespaces(client, kind, found))));
  if (found.size > 0) return [...found].sort();
  throw new Fault("NOT_FOUND", "no namespace of this cluster holds a piece of an AI platform that Holdfast knows", {
    hint: "name the namespaces to look at: holdfast inspect NAMESPACE...",
  });
}

async function addNamespaces(client: KubeClient, kind: ApiResource, found: Set<string>): Promise<void> {
  let since = 0;
  try {
    for await (const { object } of client.list(kind)) {
      const { namespace } = object.metadata;
      since = !namespace || found.has(namespace) ? since + 1 : 0;
      if (namespace) found.add(namespace);
      if (since >= enough) return;
    }
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "NOT_FOUND") return; // its definition was removed a moment ago
    if (fault.code !== "FORBIDDEN") throw fault;
    throw new Fault("FORBIDDEN", `${kind.plural} of all namespaces may not be listed`, {
      hint: "name the namespaces to look at: holdfast inspect NAMESPACE...",
      cause: error,
    });
  }
}
