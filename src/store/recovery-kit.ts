/**
 * What a person must keep to bring everything back without Holdfast: the key, the target, and the commands. It holds every
 * secret of the target, on purpose; it is made only when somebody asks for it.
 */
import { shellWord } from "../base/shell-word.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { TargetAccess, TargetKey, TargetStore } from "./contract.ts";
import { accessFlags, repositoryLocation } from "./restic/session.ts";

export async function recoveryKit(target: TargetStore, access: TargetAccess, key: TargetKey): Promise<string> {
  const newest = new Map<string, RecoveryPoint>();
  for await (const point of target.points()) {
    const plan = `${point.cluster.uid} ${point.plan.kind} ${point.plan.name}`;
    if (!newest.has(plan)) newest.set(plan, point);
  }
  const repositories = await Promise.all(
    (await target.repositories()).map(async (name) => ({ name, password: await target.repositoryPassword(name) })),
  );
  const restic = [
    "restic",
    ...accessFlags(access),
    ...(access.kind === "s3" && access.caCert ? ["--cacert", "target-ca.pem"] : []),
  ].join(" ");
  const sections = [
    head(target, key),
    place(access),
    ...repositories.map(({ name, password }) => repositorySection(access, restic, name, password)),
    ...[...newest.values()].map((point) => pointSection(restic, point)),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function head(target: TargetStore, key: TargetKey): string[] {
  return [
    "HOLDFAST RECOVERY KIT",
    "=====================",
    `Made at ${new Date().toISOString()}. Keep it where the cluster and the target are not. Whoever has it can read every backup.`,
    'New repositories may come with new namespaces: their passwords come from the key below (docs/format, "Unwrapping a password").',
    "",
    `Target id   ${target.id}`,
    `Target key  ${key}`,
    "",
    "With Holdfast: store the target key in a file and run `holdfast points` against the target from any cluster.",
    "Without: restic 0.18 or newer (https://restic.net) and kubectl. The commands below are for a POSIX shell.",
  ];
}

function place(access: TargetAccess): string[] {
  if (access.kind !== "s3")
    return ["THE TARGET", `Directory   ${access.kind === "directory" ? access.path : access.url}`];
  return [
    "THE TARGET",
    `Endpoint    ${access.endpoint}`,
    `Bucket      ${access.bucket}`,
    `Prefix      ${access.prefix || "(none)"}`,
    `Region      ${access.region || "us-east-1"}`,
    ...(access.caCert ? ["CA certificate: store these lines as target-ca.pem", access.caCert.trim()] : []),
    "",
    "Do this first:",
    `  export AWS_ACCESS_KEY_ID=${shellWord(access.accessKey)}`,
    `  export AWS_SECRET_ACCESS_KEY=${shellWord(access.secretKey)}`,
    `  export AWS_DEFAULT_REGION=${shellWord(access.region || "us-east-1")}`,
  ];
}

function repositorySection(access: TargetAccess, restic: string, name: string, password: string): string[] {
  return [
    `REPOSITORY ${name}`,
    `  export RESTIC_REPOSITORY=${shellWord(repositoryLocation(access, name))}`,
    `  export RESTIC_PASSWORD=${shellWord(password)}`,
    `  ${restic} snapshots                  # what is in it`,
    `  ${restic} check --read-data          # every byte`,
    `  ${restic} ls SNAPSHOT                # the files of one snapshot`,
  ];
}

function pointSection(restic: string, point: RecoveryPoint): string[] {
  const lines = [
    `NEWEST POINT OF ${point.plan.kind} ${point.plan.name}: ${point.id} (${point.type}, ${point.completedAt})`,
    "Set RESTIC_REPOSITORY and RESTIC_PASSWORD to those of the repository first. Namespaces first, then data, then objects.",
    `* cluster-scoped objects, repository ${point.clusterObjects.repository}`,
    `  ${restic} restore ${point.clusterObjects.snapshot} --target ./cluster`,
  ];
  for (const { name, objects, volumes } of point.namespaces) {
    lines.push(
      `* namespace ${name}, repository ${objects.repository}`,
      `  ${restic} ls ${objects.snapshot}    # its kinds, one file each`,
    );
    const [kind] = objects.kinds;
    if (kind) lines.push(`  ${restic} dump ${objects.snapshot} ${shellWord(kind.path)} | kubectl apply -f -`);
    for (const { volume, repository, snapshot } of volumes) {
      lines.push(
        `* volume ${volume.id}, repository ${repository}`,
        `  ${restic} restore ${snapshot} --sparse --target ./${volume.claim}`,
      );
    }
  }
  for (const bucket of point.buckets) {
    lines.push(`* bucket ${bucket.bucket}, repository ${bucket.repository}`);
    for (const snapshot of new Set(bucket.objects.map((object) => object.snapshot))) {
      lines.push(`  ${restic} restore ${snapshot} --target ./${bucket.bucket}`);
    }
  }
  return lines;
}
