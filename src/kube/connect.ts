/** `connect`: a KubeClient over one session. Nothing here but the wiring of the verbs. */
import { Fault } from "../base/fault.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import type { KubeClient, ResourcePath } from "./contract.ts";
import { type Discovery, discover, silentGroup } from "./discovery.ts";
import { listItems } from "./list.ts";
import { describeCall, resourcePath } from "./paths.ts";
import { exec, podLog, portForward } from "./pod-streams.ts";
import { type Call, openRest, type Rest } from "./rest.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";
import { watchResource } from "./watch.ts";

const fieldManager = "holdfast";
/** A server that cannot do it gives the whole object. */
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
type Write = { readonly dryRun?: boolean; readonly strict?: boolean; readonly subresource?: "status" };

/** By default as kubectl does: KUBECONFIG, ~/.kube/config, the pod's ServiceAccount. Nothing is sent before the first call. */
export async function connect(options: SessionOptions = {}): Promise<KubeClient> {
  const session = await openSession(options);
  return clientOf(session, openRest(session));
}

function clientOf(session: Session, rest: Rest): KubeClient {
  const known = knownResources(rest);

  function object(call: Omit<Call, "subject" | "path">, verb: string, at: Address): Promise<KubeObject> {
    return rest.json<KubeObject>({
      ...call,
      path: resourcePath(at.resource, at.namespace, at.name, at.subresource),
      subject: describeCall(verb, at.resource, at.namespace, at.name ?? at.label),
    });
  }

  const client: KubeClient = {
    server: session.server,
    context: session.context,
    resources: (silent) => known.all(silent),
    resource: (group, kind) => known.find(group, kind),
    async version() {
      const answer = await rest.json<{ gitVersion: string }>({
        method: "GET",
        path: "/version",
        subject: "ask the version",
      });
      return answer.gitVersion;
    },
    list: (resource, options = {}) => listItems(rest, resource, options),
    async get(resource, name, namespace) {
      try {
        return await object({ method: "GET" }, "get", { resource, namespace, name });
      } catch (error) {
        if (!(error instanceof Fault && error.code === "FORBIDDEN")) throw error;
        return getByList(rest, resource, name, namespace, error);
      }
    },
    find: (resource, name, namespace) => orAbsent(client.get(resource, name, namespace)),
    async create(resource, body, options = {}) {
      const { namespace, name } = body.metadata;
      const at = { resource, namespace, label: name };
      const accept = options.brief ? metadataOnly : undefined;
      const made = await object({ method: "POST", body, query: writeQuery(options), accept }, "create", at);
      return options.brief ? { ...made, apiVersion: body.apiVersion, kind: body.kind } : made;
    },
    replace(resource, body, options = {}) {
      const { namespace, name } = body.metadata;
      const at = { resource, namespace, name, subresource: options.subresource };
      return object({ method: "PUT", body, query: writeQuery(options) }, "replace", at);
    },
    patch(resource, name, namespace, body, options = {}) {
      const at = { resource, namespace, name, subresource: options.subresource };
      const contentType = "application/merge-patch+json";
      return object({ method: "PATCH", body, contentType, query: writeQuery(options) }, "patch", at);
    },
    apply(resource, body, options = {}) {
      const { namespace, name } = body.metadata;
      const at = { resource, namespace, name, subresource: options.subresource };
      const query = { ...writeQuery(options), force: "true" };
      return object(
        { method: "PATCH", body: withoutServerFields(body), contentType: "application/apply-patch+yaml", query },
        "apply",
        at,
      );
    },
    async remove(resource, name, namespace, options = {}) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: options.propagation ?? "Background",
        ...(options.uid ? { preconditions: { uid: options.uid } } : {}),
      };
      await orAbsent(object({ method: "DELETE", body }, "delete", { resource, namespace, name }));
    },
    watch: (resource, options) => watchResource(rest, resource, options),
    podLog: (namespace, pod, options) => podLog(rest, namespace, pod, options),
    portForward: (namespace, pod, port) => portForward(session, namespace, pod, port),
    exec: (namespace, pod, container, command, options) => exec(session, namespace, pod, container, command, options),
    can: (verb, resource, namespace) => can(rest, verb, resource, namespace),
    close: () => session.close(),
  };
  return client;
}

interface Address {
  readonly resource: ResourcePath;
  readonly namespace?: string;
  readonly name?: string;
  /** Stands for the name in messages where the path has none. */
  readonly label?: string;
  readonly subresource?: string;
}

function writeQuery(options: Write): Record<string, string | undefined> {
  return {
    fieldManager,
    dryRun: options.dryRun ? "All" : undefined,
    fieldValidation: options.strict ? "Strict" : undefined,
  };
}

/** The server refuses an apply that brings managedFields along. */
function withoutServerFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Who may list a kind but not get one of it finds it in the list. Holdfast's own standing right is such: src/install/rbac.ts. */
async function getByList(
  rest: Rest,
  resource: ResourcePath,
  name: string,
  namespace: string | undefined,
  refused: Fault,
): Promise<KubeObject> {
  try {
    for await (const { object } of listItems(rest, resource, { namespace, fields: `metadata.name=${name}` }))
      return object;
  } catch {
    throw refused;
  }
  throw new Fault("NOT_FOUND", `${describeCall("get", resource, namespace, name)}: not found`);
}

async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** Discovery once; again when a kind is asked for that was not there. A silent group troubles only who needs it. */
function knownResources(rest: Rest): {
  all(told?: (groupVersion: string) => void): Promise<readonly ApiResource[]>;
  find(group: string, kind: string): Promise<ApiResource | undefined>;
} {
  let cached: readonly ApiResource[] = [];
  async function refresh(): Promise<Discovery> {
    const answer = await discover(rest);
    cached = answer.resources;
    return answer;
  }
  return {
    async all(told) {
      const { resources, silent } = await refresh();
      if (silent[0] && !told) throw silentGroup(silent[0]);
      for (const groupVersion of silent) told?.(groupVersion);
      return resources;
    },
    async find(group, kind) {
      const matches = (resource: ApiResource) => resource.group === group && resource.kind === kind;
      const known = cached.find(matches);
      if (known) return known;
      const { resources, silent } = await refresh();
      const mute = silent.find((groupVersion) => groupVersion.startsWith(`${group}/`));
      const found = resources.find(matches);
      if (!found && mute) throw silentGroup(mute);
      return found;
    },
  };
}

async function can(rest: Rest, verb: string, resource: ResourcePath, namespace: string | undefined): Promise<boolean> {
  const review = await rest.json<{ status?: { allowed?: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    asks: true,
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {
        resourceAttributes: {
          verb,
          group: resource.group,
          version: resource.version,
          resource: resource.plural,
          namespace,
        },
      },
    },
    subject: `ask whether we may ${describeCall(verb, resource, namespace)}`,
  });
  return review.status?.allowed === true;
}
