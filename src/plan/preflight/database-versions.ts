import type { Finding } from "../../base/finding.ts";
import { engines, isSameSeries } from "../../flow/database-engine.ts";
import type { DatabaseRecord } from "../../flow/recovery-point.ts";
import { baseName, engineOf, versionOfImage } from "../../profiles/database-images.ts";
import { claimsOf, type PodSpec } from "../../profiles/pod-spec.ts";
import type { Check, PreflightInput, Written } from "./check.ts";

/**
 * A database whose image (by a transform, or since the point) is of another major version than the files that come back: it
 * refuses to start, or rewrites them for good. What an operator runs shows only after it: the restore compares again then.
 */
export const databaseVersions: Check = (input) => {
  const records = input.point.databases.filter(({ engine }) => engines[engine] && engine !== "sqlite");
  const found: Finding[] = [];
  return {
    see(written) {
      if (records.length === 0) return;
      for (const spec of written.pods?.specs ?? []) {
        const record = records.find((one) => mounts(written, spec, one));
        if (record) found.push(...ofPod(spec, record, written, input));
      }
    },
    findings: () => found,
  };
};

/** Claims of a StatefulSet's templates are called "<template>-<set>-<number>". */
function mounts({ one, object }: Written, spec: PodSpec, { namespace, volumes }: DatabaseRecord): boolean {
  if (one.ref.namespace !== namespace) return false;
  const claims = volumes.map((id) => id.slice(id.indexOf("/") + 1));
  const templates: { metadata?: { name?: string } }[] = object.spec?.volumeClaimTemplates ?? [];
  const begins = templates.map(({ metadata }) => `${metadata?.name}-${one.ref.name}-`);
  return claims.some(
    (claim) =>
      claimsOf(spec).includes(claim) ||
      begins.some((begin) => claim.startsWith(begin) && /^\d+$/.test(claim.slice(begin.length))),
  );
}

function ofPod(
  spec: PodSpec,
  record: DatabaseRecord,
  { one, key }: Written,
  { components }: PreflightInput,
): Finding[] {
  const container = (spec.containers ?? []).find((each: object) => engineOf(each));
  const engine = container ? engineOf(container) : undefined;
  if (!container || !engine) return [];
  // What wrote the files reads them, whatever its tag looks like.
  // Registries change on the way: the last part of the name counts, with its tag.
  if (baseName(String(container.image ?? "")) === baseName(record.image ?? "")) return [];
  const version = versionOfImage(engine, container.image);
  const same = engine === record.engine ? isSameSeries(engine, record.version, version ?? "") : false;
  if (same) return [];
  const was = `${engines[record.engine].name} ${record.version}`;
  const component = components.find((each) => each === one.component);
  if (same === undefined) {
    return [
      {
        code: "DATABASE_VERSION_UNTOLD",
        severity: "warning",
        subject: key,
        message: `its files were written by ${was}, and its image ${container.image} does not say which version it is`,
        advice: `see that the image holds ${was}`,
      },
    ];
  }
  return [
    {
      code: "DATABASE_MAJOR_CHANGED",
      severity: component?.flags.allowDatabaseMajorChange ? "warning" : "error",
      subject: key,
      message: `its files were written by ${was}, and its image ${container.image} is ${engines[engine].name} ${version ?? ""}: it would refuse them, or change them for good`,
      advice: `restore with an image of ${was} and upgrade it there by its own procedure; set allowDatabaseMajorChange if the image upgrades by itself`,
    },
  ];
}
