import { readFileSync } from "node:fs";
import { Agent } from "undici";
import { parse } from "yaml";

/** How to reach an API server: its address, a connection pool with the client's certificate, and a token if that is used. */
export interface Connection {
  readonly server: string;
  readonly agent: Agent;
  readonly token?: string;
}

/** Reads the current context of a kubeconfig. */
export function connect(kubeconfig: string): Connection {
  const config = parse(readFileSync(kubeconfig, "utf8"));
  const context = named(config.contexts, config["current-context"]).context;
  const { cluster } = named(config.clusters, context.cluster);
  const { user } = named(config.users, context.user);
  const agent = new Agent({
    connections: 16,
    headersTimeout: 60_000,
    bodyTimeout: 0, // A watch may be silent for minutes.
    connect: {
      ca: data(cluster, "certificate-authority"),
      cert: data(user, "client-certificate"),
      key: data(user, "client-key"),
    },
  });
  return { server: cluster.server, agent, token: user.token };
}

interface Named {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the parts of a kubeconfig.
  readonly [field: string]: any;
}

function named(list: readonly Named[], name: string): Named {
  const found = list.find((item) => item.name === name);
  if (found === undefined) throw new Error(`the kubeconfig names ${name}, which is not in it`);
  return found;
}

function data(from: Record<string, string>, field: string): Buffer | undefined {
  const inline = from[`${field}-data`];
  if (inline !== undefined) return Buffer.from(inline, "base64");
  const file = from[field];
  return file === undefined ? undefined : readFileSync(file);
}
