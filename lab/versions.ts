/**
 * Every pinned version of the lab, in one place. Go modules are pinned a second time, with their hashes, in
 * `lab/go/<part>/go.mod` and `go.sum`; a test holds both together.
 */
export const versions = {
  kubernetes: "v1.34.4",
  etcd: "v3.6.5",
  crane: "v0.20.6",
  restic: "v0.19.1",
  versitygw: "v1.8.0",
  coredns: "v1.12.3",
  externalSnapshotter: "v8.3.0",
  externalSnapshotterClient: "v8.2.0",
  externalProvisioner: "v5.3.0",
  externalResizer: "v1.14.0",
  csiTest: "v5.3.1",
  csiSpec: "v1.11.0",
  libBucketProvisioner: "v0.0.0-20221122204822-d1a8c34382f1",
  kserve: "v0.15.2",
  modelRegistry: "v0.3.0",
  notebookController: "v0.0.0-20220728153354-fc09bd1eefb8",
  /** Kubeflow Pipelines 2.14.3. */
  pipelines: "v0.0.0-20250902140602-fc3214d4b4d3",
  argoWorkflows: "v3.6.7",
  velero: "v1.18.3",
  veleroPluginForAws: "v1.14.2",
} as const;
