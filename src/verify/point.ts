/** Is a recovery point whole? Everything that its manifest names is looked at on the target; each finding says what it hurts. */
import { createHash } from "node:crypto";
import { Fault, toFault } from "../base/fault.ts";
import type { Finding } from "../base/finding.ts";
import type { Progress } from "../base/progress.ts";
import type { ObjectsRecord, RecoveryPoint } from "../flow/recovery-point.ts";
import type { Repository, TargetStore } from "../store/contract.ts";
import { planPath } from "../store/layout.ts";
import { damageOf } from "../store/restic/damage.ts";
import { type Content, contentsOf } from "./contents.ts";
import {
  bucketObjectDamaged,
  objectsDamaged,
  packDamaged,
  pointDamaged,
  repositoryDamaged,
  snapshotMissing,
} from "./findings.ts";

export interface VerifyOptions {
  /** Reads every byte of the repositories; else only their structure, and the API objects whole. */
  readonly readData: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** No findings: the point is whole. A target that does not answer is a Fault, no finding: it says nothing about the point. */
export async function verifyPoint(
  target: TargetStore,
  point: RecoveryPoint,
  options: VerifyOptions,
): Promise<Finding[]> {
  const findings = await verifyManifest(target, point);
  const byRepository = Map.groupBy(contentsOf(point), ({ repository }) => repository);
  for (const [name, contents] of byRepository) {
    options.signal?.throwIfAborted();
    options.progress.note(`verifying ${name}: ${contents.length} parts of point ${point.id}`);
    findings.push(...(await verifyRepository(target, name, contents, options)));
  }
  for (const finding of findings) options.progress.finding(finding);
  return findings;
}

async function verifyManifest(target: TargetStore, point: RecoveryPoint): Promise<Finding[]> {
  try {
    await target.readPoint(point.cluster.uid, planPath(point.plan), point.id);
    return [];
  } catch (error) {
    return [pointDamaged(point.id, broken(error))];
  }
}

async function verifyRepository(
  target: TargetStore,
  name: string,
  contents: readonly Content[],
  options: VerifyOptions,
): Promise<Finding[]> {
  let repository: Repository;
  let present: ReadonlySet<string>;
  try {
    repository = await target.existingRepository(name);
    present = new Set((await repository.snapshots()).map(({ id }) => id));
  } catch (error) {
    return [repositoryDamaged(name, broken(error).message, contents)];
  }
  const findings: Finding[] = [];
  const here = contents.filter((content) => {
    if (present.has(content.snapshot)) return true;
    findings.push(snapshotMissing(content));
    return false;
  });
  for (const content of here) findings.push(...(await verifyContent(repository, content)));
  findings.push(...(await checkRepository(repository, contents, options)));
  return findings;
}

async function verifyContent(repository: Repository, content: Content): Promise<Finding[]> {
  try {
    if (content.objects) return await verifyObjects(repository, content, content.objects);
    if (content.files) return await verifyFiles(repository, content, content.files);
    return [];
  } catch (error) {
    return [objectsDamaged(content, broken(error).message)];
  }
}

/** Reads the kinds of a namespace in one go and compares each with its SHA-256. */
async function verifyObjects(repository: Repository, content: Content, record: ObjectsRecord): Promise<Finding[]> {
  const left = new Map(record.kinds.map((kind) => [kind.path, kind]));
  const findings: Finding[] = [];
  if (left.size === 0) return findings;
  for await (const file of repository.readFiles(record.snapshot, "/")) {
    const kind = left.get(file.path);
    left.delete(file.path);
    if (!kind) continue;
    const hash = createHash("sha256");
    for await (const chunk of file.body) hash.update(chunk);
    if (hash.digest("hex") !== kind.sha256) findings.push(objectsDamaged(content, `${file.path} has another SHA-256`));
  }
  for (const path of left.keys()) findings.push(objectsDamaged(content, `${path} is not in the snapshot`));
  return findings;
}

/** Content is checked with the repository; here: is everything there, and as long as it was? */
async function verifyFiles(
  repository: Repository,
  content: Content,
  files: ReadonlyMap<string, { readonly size: number; readonly key: string }>,
): Promise<Finding[]> {
  const left = new Map(files);
  const findings: Finding[] = [];
  for await (const { path, size } of repository.listFiles(content.snapshot)) {
    const file = left.get(path);
    left.delete(path);
    if (file && file.size !== size)
      findings.push(bucketObjectDamaged(content, file.key, `it has ${size} bytes instead of ${file.size}`));
  }
  for (const { key } of left.values()) findings.push(bucketObjectDamaged(content, key, "it is not in the snapshot"));
  return findings;
}

async function checkRepository(
  repository: Repository,
  contents: readonly Content[],
  { readData, signal }: VerifyOptions,
): Promise<Finding[]> {
  try {
    await repository.check({ readData, ...(signal ? { signal } : {}) });
    return [];
  } catch (error) {
    const fault = broken(error);
    const damage = damageOf(fault);
    if (!damage || damage.packs.length === 0) return [repositoryDamaged(repository.name, fault.message, contents)];
    return [packDamaged(repository.name, damage, contents)];
  }
}

/** The Fault where it tells of the data; thrown on where it tells only of the way there. */
function broken(error: unknown): Fault {
  const fault = toFault(error, "TARGET");
  const passing: readonly string[] = ["UNAVAILABLE", "CANCELLED", "TIMEOUT", "FORBIDDEN", "LOCKED", "INTERNAL"];
  if (passing.includes(fault.code)) throw fault;
  return fault;
}
