import { Fault } from "../base/fault.ts";
import type { Backend } from "./backends/backend.ts";
import { makeRoot } from "./backends/directory.ts";
import { openBackend } from "./backends/open.ts";
import type { Repository, TargetAccess, TargetKey, TargetStore } from "./contract.ts";
import { type OpenedDescriptor, openDescriptor } from "./descriptor.ts";
import { ensureRepository } from "./ensure-repository.ts";
import { controlKey, repositoryName, repositoryOfPasswordKey } from "./layout.ts";
import { ensurePassword, readPassword } from "./passwords.ts";
import { listPoints, readPoint, seal } from "./points.ts";
import { removePoint } from "./remove-point.ts";
import { makeRepository } from "./restic/new-repository.ts";
import { openRepository } from "./restic/repository.ts";
import type { ResticOptions } from "./restic/session.ts";

export { newTargetKey } from "./keys.ts";

export interface OpenTargetOptions extends ResticOptions {
  /** Makes the target where there is none. Default: Fault NOT_FOUND. */
  readonly create?: boolean;
  readonly signal?: AbortSignal;
}

/** Faults: NOT_FOUND (no target there), WRONG_KEY, DAMAGED, FORBIDDEN, UNAVAILABLE (after the patience). */
export async function openTarget(
  access: TargetAccess,
  key: TargetKey,
  options: OpenTargetOptions = {},
): Promise<TargetStore> {
  const { create = false, signal, ...restic } = options;
  if (create && access.kind === "directory") await makeRoot(access.path);
  const backend = openBackend(access, { patienceSeconds: options.patienceSeconds, signal, notes: options.notes });
  try {
    return targetStore(access, backend, await openDescriptor(backend, key, create), restic);
  } catch (error) {
    backend.close();
    throw error;
  }
}

function targetStore(
  access: TargetAccess,
  backend: Backend,
  descriptor: OpenedDescriptor,
  restic: ResticOptions,
): TargetStore {
  const { signer, wrapping } = descriptor;
  const making = new Map<string, Promise<Repository>>();
  const open = (name: string, password: string) => openRepository(access, name, password, restic);

  async function password(name: string): Promise<string> {
    const found = await readPassword(backend, wrapping, repositoryName(name));
    if (found) return found;
    throw new Fault("NOT_FOUND", `there is no repository ${name} on the target`, { subject: name });
  }

  async function ensured(name: string): Promise<Repository> {
    const secret = await ensurePassword(backend, wrapping, repositoryName(name));
    await ensureRepository({ backend, name, init: () => makeRepository(backend, name, secret) });
    return open(name, secret);
  }

  function repository(name: string): Promise<Repository> {
    const known = making.get(name);
    if (known) return known;
    const made = ensured(name);
    making.set(name, made);
    made.catch(() => making.delete(name));
    return made;
  }

  async function existingRepository(name: string): Promise<Repository> {
    return making.get(name) ?? open(name, await password(name));
  }

  return {
    id: descriptor.id,
    points: (filter = {}) =>
      listPoints(backend, signer.publicKey, filter, filter.onBroken ?? ((fault) => restic.notes?.(fault.message))),
    readPoint: (cluster, plan, id) => readPoint(backend, signer.publicKey, cluster, plan, id),
    seal: (point) => seal(backend, signer, point),
    removePoint: (cluster, plan, id, removal) =>
      removePoint({ backend, publicKey: signer.publicKey, open: existingRepository }, [cluster, plan, id], removal),
    repository,
    existingRepository,
    repositories: async () => {
      const names: string[] = [];
      for await (const key of backend.list("keys/")) names.push(repositoryOfPasswordKey(key) ?? "");
      return names.filter(Boolean);
    },
    repositoryPassword: password,
    releaseLocks: async (names, isDead) => {
      let released = 0;
      for (const name of names) {
        for await (const key of backend.list(`${repositoryName(name)}/locks/`)) {
          const holder = await (await existingRepository(name)).lockHolder(key.split("/").at(-1) ?? "");
          if (!holder || !isDead(holder)) continue;
          await backend.remove(key);
          released++;
        }
      }
      return released;
    },
    control: {
      put: async (name, body) => backend.put(controlKey(name), body),
      get: async (name) => backend.get(controlKey(name)),
      remove: async (name) => backend.remove(controlKey(name)),
    },
    close: async () => backend.close(),
  };
}
