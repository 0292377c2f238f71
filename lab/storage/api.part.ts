import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apply, kubectl } from "../cluster/kubectl.ts";
import { moduleDir } from "../go/build.ts";
import { sourceDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { isRunning } from "../run/process.ts";

const crdModule = "github.com/kubernetes-csi/external-snapshotter/client/v8";
const crds = [
  "snapshot.storage.k8s.io_volumesnapshotclasses",
  "snapshot.storage.k8s.io_volumesnapshotcontents",
  "snapshot.storage.k8s.io_volumesnapshots",
  "groupsnapshot.storage.k8s.io_volumegroupsnapshotclasses",
  "groupsnapshot.storage.k8s.io_volumegroupsnapshotcontents",
  "groupsnapshot.storage.k8s.io_volumegroupsnapshots",
];

/** What the API server must know of storage: the snapshot CRDs, the drivers, the classes. */
export const storageApi: Part = {
  name: "storage-api",
  needs: ["apiserver"],
  seconds: { cold: 6, warm: 3 },
  build: async () => void (await crdFolder()),
  up: async () => {
    const folder = await crdFolder();
    await applyFiles(crds.map((name) => join(folder, `${name}.yaml`)));
    const names = crds.map((name) => `crd/${name.split("_").reverse().join(".")}`);
    await kubectl(["wait", "--for=condition=Established", "--timeout=60s", ...names]);
    await applyFiles(["drivers.yaml", "classes.yaml"].map((name) => sourceDir("storage/manifests", name)));
  },
  status: async () => {
    if (!isRunning("kube-apiserver")) return "down";
    const classes = await kubectl(["get", "storageclasses", "-o", "name"]);
    return classes.trim().replaceAll("\n", ", ").replaceAll("storageclass.storage.k8s.io/", "");
  },
};

async function applyFiles(files: readonly string[]): Promise<void> {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  await apply(texts.join("\n---\n"));
}

/** The CRDs lie in the snapshotter's own Go module, pinned with its hash beside the lab's other modules. */
const crdFolder = async () => join(await moduleDir("manifests", crdModule), "config/crd");
