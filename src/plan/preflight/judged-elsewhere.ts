/** Cluster-scoped kinds that have checks of their own; CRDs show as kinds that are not served. */
export const judgedElsewhere: ReadonlySet<string> = new Set([
  "CustomResourceDefinition",
  "RuntimeClass",
  "DeviceClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "VolumeGroupSnapshotClass",
  "ObjectBucket",
  "PersistentVolume",
  "Namespace",
  "DataScienceCluster",
  "DSCInitialization",
]);
