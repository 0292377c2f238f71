/** What the tests of single rules share: one API server, and a restore of a few objects into it. */
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { afterAll, beforeAll } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import type { RestorePlan, RestoreReport } from "../../../src/flow/restore-plan.ts";
import { connect } from "../../../src/kube/connect.ts";
import type { KubeClient } from "../../../src/kube/contract.ts";
import { waitFor } from "../../../src/base/wait.ts";
import type { RestoreComponent, RestoreOptions } from "../../../src/plan/restore-options.ts";
import type { TargetStore } from "../../../src/store/contract.ts";
import { type ApiServer, type ApiServerOptions, startApiServer } from "../api-server.ts";
import { depsOf, directoryTarget, planAndRestore, pointOf } from "../restore-kit.ts";
import { cleanUp } from "../store-kit.ts";

export interface Ground {
  readonly client: KubeClient;
  readonly api: ApiServer;
  readonly target: TargetStore;
  readonly access: { readonly kind: "directory"; readonly path: string };
  /** Stores the objects as a point, and restores their namespaces as they were called or into `to`. */
  restore(
    objects: readonly KubeObject[],
    change?: Partial<RestoreComponent>,
    clusterObjects?: readonly KubeObject[],
    options?: Pick<RestoreOptions, "includeClusterResources">,
  ): Promise<{ plan: RestorePlan; report: RestoreReport }>;
  /** The object as it is in the cluster. */
  live(apiVersion: string, kind: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  list(apiVersion: string, kind: string, namespace: string): Promise<KubeObject[]>;
  create(object: KubeObject): Promise<KubeObject>;
  /** A merge patch as another writer: the path may name a field manager. */
  rawPatch(path: string, patch: unknown): Promise<void>;
}

/** Starts the API server before the tests of a file, and ends it after them. */
export function ground(options: ApiServerOptions = {}): Ground {
  const made = {} as { -readonly [key in keyof Ground]: Ground[key] };
  const resourceOf = async (apiVersion: string, kind: string) => {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
    const found = await made.client.resource(group, kind);
    if (!found) throw new Error(`${apiVersion} ${kind} is not served`);
    return found;
  };

  beforeAll(async () => {
    made.api = await startApiServer(options);
    made.client = await connect({ kubeconfig: made.api.kubeconfig });
    Object.assign(made, await directoryTarget());
  });
  afterAll(async () => {
    await made.client?.close();
    await made.api?.stop();
    await cleanUp();
  });

  made.restore = async (objects, change = {}, clusterObjects = [], options = {}) => {
    const point = await pointOf(made.target, objects, clusterObjects);
    const names = [...new Set(objects.map((one) => one.metadata.namespace ?? ""))];
    const components = names.map((name) => ({
      sourceNamespace: name,
      restoreNamespace: name,
      flags: {},
      transforms: [],
      storageClassMap: {},
      readyWaitSeconds: 0,
      ...change,
    }));
    return planAndRestore(depsOf(made.client, made.target, made.access), point, components, options);
  };
  made.live = async (apiVersion, kind, namespace, name) =>
    made.client.find(await resourceOf(apiVersion, kind), name, namespace);
  made.list = async (apiVersion, kind, namespace) => {
    const found: KubeObject[] = [];
    for await (const { object } of made.client.list(await resourceOf(apiVersion, kind), { namespace }))
      found.push(object);
    return found;
  };
  made.create = async (object) => made.client.create(await resourceOf(object.apiVersion, object.kind), object);
  made.rawPatch = async (path, patch) => {
    const config = JSON.parse(readFileSync(made.api.kubeconfig, "utf8"));
    const headers = {
      authorization: `Bearer ${config.users[0].user.token}`,
      "content-type": "application/merge-patch+json",
    };
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const url = `https://127.0.0.1:${made.api.port}${path}`;
    const answer = await request(url, { method: "PATCH", headers, body: JSON.stringify(patch), dispatcher });
    const text = await answer.body.text();
    await dispatcher.close();
    if (answer.statusCode !== 200) throw new Error(`${path}: ${text}`);
  };
  return made;
}

/** What `find` finds, as soon as it finds something. */
export function soon<T>(reason: string, find: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  return waitFor(find, { reason, seconds, everyMs: 200 });
}

/** The results of a restore, by kind and name. */
export function resultsOf(report: RestoreReport): Record<string, string> {
  return Object.fromEntries(report.outcomes.map((one) => [`${one.ref.kind} ${one.ref.name}`, one.result]));
}

/** Why the plan leaves an object out: the rule's name. */
export function ruleOf(plan: RestorePlan, kind: string, name: string): string | undefined {
  const decision = plan.decisions.find((one) => one.ref.kind === kind && one.ref.name === name);
  return decision?.action === "skip" ? decision.rule : undefined;
}
