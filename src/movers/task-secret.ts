/**
 * A mover's task as Secrets: JSON, gzipped, cut into Secrets below the API server's limit of 1 MiB, and read back from
 * the directory in which they are mounted. A task with a bucket's list can be long.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { Fault } from "../base/fault.ts";
import type { KubeObject, OwnerReference } from "../flow/object.ts";
import type { MoverTask } from "./contract.ts";

export const taskDirectory = "/run/holdfast";
/** Base64 makes four thirds of it. */
const maxPart = 700 * 1024;

export function taskSecrets(
  task: MoverTask,
  meta: { name: string; namespace: string; labels: Record<string, string> },
): KubeObject[] {
  const body = gzipSync(JSON.stringify(task));
  const count = Math.max(1, Math.ceil(body.length / maxPart));
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: index === 0 ? meta.name : `${meta.name}-${index}`,
      namespace: meta.namespace,
      labels: meta.labels,
    },
    type: "Opaque",
    immutable: true,
    data: { [partName(index)]: body.subarray(index * maxPart, (index + 1) * maxPart).toString("base64") },
  }));
}

/** The pod volume that shows all parts in one directory. */
export function taskVolume(secrets: readonly KubeObject[]): unknown {
  return {
    name: "task",
    projected: { defaultMode: 0o400, sources: secrets.map((secret) => ({ secret: { name: secret.metadata.name } })) },
  };
}

export function ownerOf(job: KubeObject): OwnerReference {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    name: job.metadata.name,
    uid: job.metadata.uid ?? "",
    controller: false,
    blockOwnerDeletion: false,
  };
}

export async function readTask(directory = taskDirectory): Promise<MoverTask> {
  const parts = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith("task.json.gz.")).sort();
  if (parts.length === 0) {
    throw new Fault("USAGE", `${directory} holds no task`, {
      hint: "this process is started by Holdfast in a mover pod, not by hand",
    });
  }
  const body = Buffer.concat(await Promise.all(parts.map((name) => readFile(join(directory, name)))));
  return JSON.parse(gunzipSync(body).toString("utf8")) as MoverTask;
}

function partName(index: number): string {
  return `task.json.gz.${String(index).padStart(4, "0")}`;
}
