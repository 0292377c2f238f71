/** A repository by the stock restic binary. */
import type { Repository, TargetAccess } from "../contract.ts";
import { check } from "./check.ts";
import { lockHolder } from "./locks.ts";
import { changedFiles, listFiles, openFile, readFiles } from "./read.ts";
import { restoreTree } from "./restore.ts";
import { saveStream, saveTree } from "./save.ts";
import { openSession, type ResticOptions } from "./session.ts";
import { forget, recover, snapshots } from "./snapshots.ts";

/**
 * Opens one repository with nothing but its own password; a mover gets no more than that. It makes no request: whether
 * the repository exists and the password is right shows at the first use.
 */
export async function openRepository(
  access: TargetAccess,
  name: string,
  password: string,
  options: ResticOptions = {},
): Promise<Repository> {
  const session = await openSession(access, name, password, options);
  return {
    name,
    saveTree: (source, runOptions) => saveTree(session, source, runOptions),
    saveStream: (source, runOptions) => saveStream(session, source, runOptions),
    restoreTree: (from, runOptions) => restoreTree(session, from, runOptions),
    openFile: (snapshot, path) => openFile(session, snapshot, path),
    readFiles: (snapshot, directory) => readFiles(session, snapshot, directory),
    listFiles: (snapshot) => listFiles(session, snapshot),
    changedFiles: (before, after) => changedFiles(session, before, after),
    check: (checkOptions) => check(session, checkOptions),
    snapshots: () => snapshots(session),
    forget: (ids, forgetOptions) => forget(session, ids, forgetOptions),
    recover: () => recover(session),
    lockHolder: (id) => lockHolder(session, id),
  };
}
