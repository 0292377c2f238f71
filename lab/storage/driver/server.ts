import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Logger } from "pino";
import type { Methods } from "./csi.ts";
import { codeOf } from "./fault.ts";

const protoDir = join(import.meta.dirname, "../proto");

/** How long calls in progress may take to end when the driver is told to stop, in milliseconds. */
const grace = 5000;

const definitions = grpc.loadPackageDefinition(
  loadSync(["csi.proto", "pluginregistration.proto"], {
    includeDirs: [protoDir],
    keepCase: false,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  }),
);

/** A service by its full name, with what answers it. */
export type Served = { readonly service: string; readonly methods: Methods };

/** Serves on a unix socket until the returned function is called; a stale socket of a killed run is replaced. */
export async function serve(socket: string, services: readonly Served[], log: Logger): Promise<() => Promise<void>> {
  const server = new grpc.Server();
  for (const { service, methods } of services) server.addService(definitionOf(service), implementation(methods, log));
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix://${socket}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  return () => {
    setTimeout(() => server.forceShutdown(), grace).unref();
    return new Promise((resolve) => server.tryShutdown(() => resolve()));
  };
}

/** A client of one service, for tests: a function that calls a method and gives its response. */
export function connect(socket: string, service: string) {
  const client = new grpc.Client(`unix://${socket}`, grpc.credentials.createInsecure());
  const definition = definitionOf(service);
  const call = <T>(method: string, request: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const of = definition[method];
      if (!of) return reject(new Error(`${service} has no method ${method}`));
      const done: grpc.requestCallback<T> = (error, response) => (error ? reject(error) : resolve(response as T));
      client.makeUnaryRequest(
        of.path,
        of.requestSerialize,
        of.responseDeserialize as (bytes: Buffer) => T,
        request,
        done,
      );
    });
  return { call, close: () => client.close() };
}

function definitionOf(service: string): grpc.ServiceDefinition {
  const found = service.split(".").reduce<grpc.GrpcObject>((at, name) => at[name] as grpc.GrpcObject, definitions);
  return (found as unknown as grpc.ServiceClientConstructor).service;
}

const implementation = (methods: Methods, log: Logger): grpc.UntypedServiceImplementation =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, unary(name, method, log)]));

/** Answers one call. Only names and ids are logged: requests may carry secrets. */
function unary(
  name: string,
  method: Methods[string],
  log: Logger,
): grpc.handleUnaryCall<Record<string, unknown>, object> {
  return async ({ request }, answer) => {
    const started = performance.now();
    const about = () => ({
      method: name,
      of: request.name || request.volumeId || request.snapshotId || request.groupSnapshotId || undefined,
      ms: Math.round(performance.now() - started),
    });
    try {
      const response = await method(request);
      if (!isChatter(name)) log.info(about());
      answer(null, response);
    } catch (error) {
      const details = (error as Error).message;
      log.warn({ ...about(), code: grpc.status[codeOf(error)], error: details });
      answer({ code: codeOf(error), details });
    }
  };
}

const isChatter = (name: string): boolean =>
  /^(Probe|Get|List|.*GetCapabilities|.*GetInfo|NodeGetVolumeStats)/.test(name);
