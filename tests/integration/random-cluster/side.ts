/** A cluster of the test: an API server with its audit log, webhooks, kinds and classes, and what the product needs to act on it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../../src/base/wait.ts";
import { connect } from "../../../src/kube/connect.ts";
import type { RunDeps } from "../../../src/run/backup.ts";
import { startApiServer } from "../api-server.ts";
import { depsOf, directoryTarget } from "../restore-kit.ts";
import { temporary } from "../store-kit.ts";
import { type Audit, auditIn } from "./audit.ts";
import { definitions } from "./definitions.ts";
import { collection, openServer, type Server } from "./server.ts";
import { serveWebhooks } from "./webhooks.ts";

export interface Side {
  readonly name: string;
  readonly server: Server;
  readonly audit: Audit;
  readonly deps: RunDeps;
  close(): Promise<void>;
}

export async function openSide(name: string, target: Awaited<ReturnType<typeof directoryTarget>>): Promise<Side> {
  const directory = await temporary();
  const staging = join(directory, "staging");
  await mkdir(staging);
  const audit = auditIn(directory);
  const api = await startApiServer({ flags: audit.flags });
  const server = openServer(api.kubeconfig);
  await furnish(server);
  const hooks = await serveWebhooks(server, directory, name);
  const client = await connect({ kubeconfig: api.kubeconfig });
  return {
    name,
    server,
    audit,
    deps: { ...depsOf(client, target.target, target.access), staging },
    async close() {
      await client.close();
      await server.close();
      await api.stop();
      hooks.closeAllConnections();
      hooks.close();
    },
  };
}

/** What every cluster has before any application: kinds and StorageClasses. */
async function furnish(server: Server): Promise<void> {
  for (const definition of definitions)
    await server.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  for (const name of ["fast", "slow"])
    await server.send("POST", "/apis/storage.k8s.io/v1/storageclasses", {
      metadata: { name },
      provisioner: "gone.example.com",
    });
  for (const { spec } of definitions) {
    const path = collection(`${spec.group}/${spec.versions[0].name}`, spec.names.plural);
    await waitFor(() => server.list(path).catch(() => undefined), {
      reason: `${spec.names.kind} to be served`,
      seconds: 30,
    });
  }
}
