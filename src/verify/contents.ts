import type { ObjectsRecord, RecoveryPoint } from "../flow/recovery-point.ts";

/** One snapshot that a point stands on, and what it holds for a person. */
export interface Content {
  readonly repository: string;
  readonly snapshot: string;
  readonly subject: string; // "rhoai-demo PersistentVolumeClaim/data"
  readonly objects?: ObjectsRecord;
  /** Bucket objects in this snapshot, by path. */
  readonly files?: ReadonlyMap<string, { readonly size: number; readonly key: string }>;
}

export function contentsOf(point: RecoveryPoint): Content[] {
  return [
    objects("cluster-scoped objects", point.clusterObjects),
    ...point.namespaces.flatMap(ofNamespace),
    ...point.buckets.flatMap(ofBucket),
  ];
}

function objects(subject: string, record: ObjectsRecord): Content {
  return { repository: record.repository, snapshot: record.snapshot, subject, objects: record };
}

function ofNamespace({ name, objects: record, volumes }: RecoveryPoint["namespaces"][number]): Content[] {
  const ofVolumes = volumes.map(({ volume, repository, snapshot }) => ({
    repository,
    snapshot,
    subject: `${volume.namespace} PersistentVolumeClaim/${volume.claim}`,
  }));
  return [objects(`objects of namespace ${name}`, record), ...ofVolumes];
}

function ofBucket({ bucket, repository, objects: all }: RecoveryPoint["buckets"][number]): Content[] {
  const bySnapshot = Map.groupBy(all, ({ snapshot }) => snapshot);
  return [...bySnapshot].map(([snapshot, some]) => ({
    repository,
    snapshot,
    subject: `bucket ${bucket}`,
    files: new Map(some.map(({ path, size, key }) => [path, { size, key }])),
  }));
}
