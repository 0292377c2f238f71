import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sourceDir } from "../paths.ts";
import { versions } from "../versions.ts";

/** Which module of which folder a version pins. */
const pinned: Record<keyof typeof versions, readonly [string, string]> = {
  kubernetes: ["kubernetes", "k8s.io/kubernetes"],
  etcd: ["etcd", "go.etcd.io/etcd/server/v3"],
  crane: ["tools", "github.com/google/go-containerregistry"],
  restic: ["tools", "github.com/restic/restic"],
  versitygw: ["tools", "github.com/versity/versitygw"],
  coredns: ["coredns", "github.com/coredns/coredns"],
  externalSnapshotter: ["kubernetes", "github.com/kubernetes-csi/external-snapshotter/v8"],
  externalSnapshotterClient: ["manifests", "github.com/kubernetes-csi/external-snapshotter/client/v8"],
  externalProvisioner: ["kubernetes", "github.com/kubernetes-csi/external-provisioner/v5"],
  externalResizer: ["kubernetes", "github.com/kubernetes-csi/external-resizer"],
  csiTest: ["kubernetes", "github.com/kubernetes-csi/csi-test/v5"],
  csiSpec: ["manifests", "github.com/container-storage-interface/spec"],
  libBucketProvisioner: ["manifests", "github.com/kube-object-storage/lib-bucket-provisioner"],
  kserve: ["kserve", "github.com/kserve/kserve"],
  modelRegistry: ["model-registry", "github.com/kubeflow/model-registry"],
  notebookController: ["notebook-controller", "github.com/kubeflow/kubeflow/components/notebook-controller"],
  pipelines: ["pipelines", "github.com/kubeflow/pipelines"],
  argoWorkflows: ["pipelines", "github.com/argoproj/argo-workflows/v3"],
  velero: ["velero", "github.com/vmware-tanzu/velero"],
  veleroPluginForAws: ["velero", "github.com/vmware-tanzu/velero-plugin-for-aws"],
};

describe("versions.ts", () => {
  it.each(Object.entries(pinned))("agrees with the go.mod that pins %s", (name, [folder, module]) => {
    const text = readFileSync(sourceDir("go", folder, "go.mod"), "utf8");
    expect(text).toMatch(new RegExp(`\\s${module} ${versions[name as keyof typeof versions]}(\\s|$)`));
  });
});
