import { join } from "node:path";
import { type Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { load } from "@grpc/proto-loader";
import { moduleDir } from "../go/build.ts";
import { appNamespace } from "./settings.ts";
import { serviceAddress, type Where } from "./where.ts";

/** What ML metadata knows of one run: what each task was and gave, and where its artifacts lie. */
export interface RunLineage {
  readonly tasks: readonly string[];
  readonly artifacts: readonly { readonly type: string; readonly uri: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: the wire decides
type Message = Readonly<Record<string, any>>;
type Ask = (method: string, request: object) => Promise<Message>;

/** Lineage by run id, asked of ML metadata by gRPC, as drivers and launchers do; waits until it answers. */
export async function readLineage(where: Where = {}): Promise<Record<string, RunLineage>> {
  const address = await serviceAddress(where, appNamespace, "metadata-grpc-service");
  const client = await openMetadata(`${address}:8080`, where.seconds ?? 120);
  try {
    return await lineageOf(asking(client));
  } finally {
    client.close();
  }
}

async function lineageOf(ask: Ask): Promise<Record<string, RunLineage>> {
  const lineage: Record<string, RunLineage> = {};
  const { contexts = [] } = await ask("GetContextsByType", { type_name: "system.PipelineRun" });
  for (const { id, name } of contexts) {
    const { executions = [] } = await ask("GetExecutionsByContext", { context_id: id });
    const { artifacts = [] } = await ask("GetArtifactsByContext", { context_id: id });
    lineage[name] = {
      tasks: executions.map(describeTask).toSorted(),
      artifacts: artifacts
        .map(({ type, uri }: Message) => ({ type, uri }))
        .toSorted((a: Message, b: Message) => a["uri"].localeCompare(b["uri"])),
    };
  }
  return lineage;
}

function describeTask({ id, type, last_known_state: state, custom_properties: told }: Message): string {
  const outputs = JSON.stringify(told["outputs"]?.struct_value ?? {});
  return `${type} ${id} ${told["task_name"]?.string_value ?? ""} ${state} ${outputs}`;
}

async function openMetadata(address: string, seconds: number): Promise<Client> {
  const folder = await moduleDir("pipelines", "github.com/kubeflow/pipelines/third_party/ml-metadata");
  const protocol = join("ml_metadata", "proto", "metadata_store_service.proto");
  const definition = await load(protocol, { includeDirs: [folder], keepCase: true, enums: String, longs: String });
  // biome-ignore lint/suspicious/noExplicitAny: a tree of packages and services
  const Service: ServiceClientConstructor = (loadPackageDefinition(definition) as any).ml_metadata.MetadataStoreService;
  // The pods are on this machine: no proxy of the surroundings is in between.
  const client = new Service(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + seconds * 1000, (error) =>
      error ? reject(new Error(`ML metadata at ${address} does not answer: ${error.message}`)) : resolve(),
    );
  });
  return client;
}

function asking(client: Message): Ask {
  return (method, request) =>
    new Promise((resolve, reject) => {
      const deadline = new Date(Date.now() + 30_000);
      client[method](request, { deadline }, (error: Error | null, answer: Message) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
}
