/** The files of an emptyDir cannot be put into the emptyDir of a pod to come: they come back in a claim of their own. */
import type { Finding } from "../base/finding.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RecoveryPoint, VolumeRecord } from "../flow/recovery-point.ts";
import { isEmpty, matches } from "../flow/selector.ts";
import type { TargetFacts } from "./restore-facts.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { withEdits } from "./training/edits.ts";

const emptyDirOfAnnotation = "holdfast.dev/empty-dir-of";

interface Input {
  readonly point: RecoveryPoint;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

interface Restored {
  readonly record: VolumeRecord;
  readonly component: RestoreComponent;
  readonly claim: KubeObject;
}

export function emptyDirDrafts(input: Input): Draft[] {
  return restoredOnes(input).map(({ record, component, claim }) => {
    const namespace = component.restoreNamespace;
    return draft(
      {
        kind: "volume",
        id: stepIds.volume(namespace, claim.metadata.name),
        needs: [],
        why: `${record.files} files that ${record.volume.emptyDir?.owner} had in emptyDir ${record.volume.emptyDir?.name} at ${record.cutAt}`,
        record,
        namespace,
        claim,
        existing: "skip",
        ...withEdits(record.contents, component),
      },
      ranks.data,
    );
  });
}

export function emptyDirRestoreFindings(input: Input): Finding[] {
  return restoredOnes(input).map(({ record: { volume }, component, claim }) => ({
    code: "EMPTYDIR_AS_CLAIM",
    severity: "info",
    subject: `${component.restoreNamespace} PersistentVolumeClaim/${claim.metadata.name}`,
    message: `it gets the files that ${volume.emptyDir?.owner} had in emptyDir ${volume.emptyDir?.name}: a pod begins with an empty one`,
    advice: "mount the claim in place of the emptyDir before the workload is let go, or copy from it",
  }));
}

function restoredOnes({ point, target, components }: Input): Restored[] {
  return components.flatMap((component) => {
    if (component.flags.onlyMetadata) return [];
    const records = point.namespaces.find(({ name }) => name === component.sourceNamespace)?.volumes ?? [];
    return records.flatMap((record) => {
      if (!record.volume.emptyDir) return [];
      const claim = claimOf(record, component, target);
      const isIn = (isEmpty(component.include) || matches(component.include, claim)) && !isLeftOut(component, claim);
      return isIn ? [{ record, component, claim }] : [];
    });
  });
}

function isLeftOut({ exclude }: RestoreComponent, claim: KubeObject): boolean {
  return !isEmpty(exclude) && matches(exclude, claim);
}

const leastBytes = 2 ** 30;

/** A quarter more than the files have: a file system needs some for itself. */
function claimOf({ volume, bytes }: VolumeRecord, component: RestoreComponent, target: TargetFacts): KubeObject {
  const storage = String(Math.max(Math.ceil(bytes * 1.25), volume.capacity, leastBytes));
  const classes = target.storageClasses;
  const storageClassName = (classes.find(({ isDefault }) => isDefault) ?? classes[0])?.name;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: `${component.namePrefix ?? ""}${volume.claim}`,
      namespace: component.restoreNamespace,
      annotations: { [emptyDirOfAnnotation]: `${volume.emptyDir?.owner} ${volume.emptyDir?.name}` },
    },
    spec: {
      accessModes: volume.accessModes,
      resources: { requests: { storage } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  };
}
