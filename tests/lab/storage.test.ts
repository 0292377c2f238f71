import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubectl } from "../../lab/cluster/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import { labDir } from "../../lab/paths.ts";
import { listProcesses } from "../../lab/run/process.ts";
import { sh } from "../../lab/run/shell.ts";
import { waitFor } from "../../lab/run/wait.ts";

/** The lab's storage as its users see it: real pods, the real sidecars, the API server. */
const app = `storage-test-${process.pid}`;
const movers = `${app}-movers`;
const snapshotGroup = "snapshot.storage.k8s.io";
const shellImage = await ensureImage("storage-initializer"); // Any image with bash and coreutils will do.

type Object = {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [key: string]: unknown;
};

const apply = (...items: object[]) =>
  kubectl(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
const get = async (kind: string, name: string, path: string, namespace = app) =>
  (await kubectl(["get", "-n", namespace, kind, name, "-o", `jsonpath={${path}}`])).trim();
const becomes = (kind: string, name: string, path: string, value: string, namespace = app, seconds = 90) =>
  waitFor({
    describe: `${path} of ${kind} ${namespace}/${name} to be ${value}`,
    check: async () => (await get(kind, name, path, namespace)) === value,
    seconds,
  });
const bound = (name: string, namespace = app) => becomes("pvc", name, ".status.phase", "Bound", namespace);
const ready = (name: string, namespace = app) =>
  becomes("volumesnapshot", name, ".status.readyToUse", "true", namespace);
const run = (pod: string, script: string, namespace = app) =>
  kubectl(["exec", "-n", namespace, pod, "--", "bash", "-c", script]).then((text) => text.trim());

const claim = (name: string, spec: object = {}, namespace = app, labels = {}): Object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace, labels },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } }, ...spec },
});
const snapshot = (name: string, source: object, namespace = app): Object => ({
  apiVersion: `${snapshotGroup}/v1`,
  kind: "VolumeSnapshot",
  metadata: { name, namespace },
  spec: { volumeSnapshotClassName: "lab-btrfs", source },
});
const fromSnapshot = (name: string) => ({ dataSource: { apiGroup: snapshotGroup, kind: "VolumeSnapshot", name } });

/** A pod that sleeps with the claims mounted at /NAME, or given as the device /dev/NAME. */
function pod(name: string, claims: { name: string; block?: boolean; readOnly?: boolean }[], namespace = app): Object {
  const mounted = claims.filter((one) => !one.block);
  const devices = claims.filter((one) => one.block);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: { fsGroup: 4711 },
      containers: [
        {
          name: "main",
          image: shellImage,
          command: ["bash", "-c", "sleep infinity"],
          securityContext: { runAsUser: 0 },
          volumeMounts: mounted.map((one) => ({ name: one.name, mountPath: `/${one.name}` })),
          volumeDevices: devices.map((one) => ({ name: one.name, devicePath: `/dev/${one.name}` })),
        },
      ],
      volumes: claims.map((one) => ({
        name: one.name,
        persistentVolumeClaim: { claimName: one.name, readOnly: one.readOnly ?? false },
      })),
    },
  };
}
const runs = (name: string, namespace = app) => becomes("pod", name, ".status.phase", "Running", namespace);

const dataOnDisk = () =>
  ["btrfs/volumes", "btrfs/snapshots", "plain/volumes"].flatMap((kind) =>
    readdirSync(labDir("volumes", kind)).map((name) => `${kind}/${name}`),
  );

describe("storage of the lab", () => {
  beforeAll(async () => {
    await apply(...[app, movers].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })));
    await apply(
      claim("one", {}, app, { together: "yes" }),
      claim("two", {}, app, { together: "yes" }),
      claim("late", { storageClassName: "lab-btrfs-wffc" }),
      claim("plain", { storageClassName: "lab-plain" }),
      claim("disk", { volumeMode: "Block" }),
    );
    await Promise.all(["one", "two", "plain", "disk"].map((name) => bound(name)));
  });
  afterAll(() => kubectl(["delete", "namespace", "--ignore-not-found", app, movers]));

  it("binds a WaitForFirstConsumer claim when a pod comes, and mounts every class", async () => {
    expect(await get("pvc", "late", ".status.phase")).toBe("Pending");
    const names = ["one", "two", "late", "plain"].map((name) => ({ name }));
    await apply(pod("writer", [...names, { name: "disk", block: true }]));
    await runs("writer");
    await bound("late");
    await run("writer", "for v in one two late plain; do echo before > /$v/note; done; sync");
    expect(await run("writer", "cat /late/note /plain/note")).toBe("before\nbefore");
  });

  it("gives the files to the pod's fsGroup", async () => {
    expect(await run("writer", "stat -c %g /one")).toBe("4711");
  });

  it("snapshots, and clones from the snapshot and from the volume", async () => {
    const started = performance.now();
    await apply(snapshot("cut", { persistentVolumeClaimName: "one" }));
    await ready("cut");
    const cut = performance.now();
    await run("writer", "echo after > /one/note; sync");
    const cloning = performance.now();
    await apply(claim("from-cut", fromSnapshot("cut")));
    await bound("from-cut");
    const cloned = performance.now();
    await apply(claim("from-one", { dataSource: { kind: "PersistentVolumeClaim", name: "one" } }));
    await bound("from-one");
    await apply(pod("reader", [{ name: "from-cut", readOnly: true }, { name: "from-one" }]));
    await runs("reader");
    expect(await run("reader", "cat /from-cut/note /from-one/note")).toBe("before\nafter");
    await expect(run("reader", "touch /from-cut/x")).rejects.toThrow(/Read-only/);
    const ms = [cut - started, cloned - cloning].map(Math.round);
    console.log(`through the API server: snapshot ready after ${ms[0]} ms, clone bound after ${ms[1]} ms`);
  });

  it("binds the same snapshot again in another namespace, and keeps it when that goes", async () => {
    const content = await get("volumesnapshot", "cut", ".status.boundVolumeSnapshotContentName");
    const snapshotHandle = await get("volumesnapshotcontent", content, ".status.snapshotHandle");
    const name = `${movers}-cut`;
    await apply(
      {
        apiVersion: `${snapshotGroup}/v1`,
        kind: "VolumeSnapshotContent",
        metadata: { name },
        spec: {
          driver: "btrfs.csi.holdfast.dev",
          deletionPolicy: "Retain",
          volumeSnapshotClassName: "lab-btrfs",
          source: { snapshotHandle },
          volumeSnapshotRef: { name: "cut", namespace: movers },
        },
      },
      snapshot("cut", { volumeSnapshotContentName: name }, movers),
    );
    await ready("cut", movers);
    await apply(claim("mover", fromSnapshot("cut"), movers));
    await bound("mover", movers);
    await apply(pod("mover", [{ name: "mover" }], movers));
    await runs("mover", movers);
    expect(await run("mover", "cat /mover/note", movers)).toBe("before");

    await kubectl(["delete", "-n", movers, "pod/mover", "pvc/mover", "volumesnapshot/cut"]);
    await kubectl(["delete", "volumesnapshotcontent", name]);
    expect(dataOnDisk()).toContain(`btrfs/snapshots/${snapshotHandle}`);
  });

  it("snapshots a group", async () => {
    const started = performance.now();
    await apply({
      apiVersion: "groupsnapshot.storage.k8s.io/v1beta1",
      kind: "VolumeGroupSnapshot",
      metadata: { name: "both", namespace: app },
      spec: { volumeGroupSnapshotClassName: "lab-btrfs", source: { selector: { matchLabels: { together: "yes" } } } },
    });
    await becomes("volumegroupsnapshot", "both", ".status.readyToUse", "true");
    console.log(`through the API server: group of two ready after ${Math.round(performance.now() - started)} ms`);
    const members = JSON.parse(await kubectl(["get", "-n", app, "volumesnapshot", "-o", "json"])).items.filter(
      (one: Object) => one.metadata.name !== "cut",
    );
    expect(members).toHaveLength(2);
    await apply(claim("from-group", fromSnapshot(members[0].metadata.name)));
    await bound("from-group");
    await kubectl(["delete", "-n", app, "volumegroupsnapshot", "both"]);
  });

  it("holds a volume to its size, and grows it under a running pod", async () => {
    const fill = "head -c 100000000 /dev/zero > /two/big && sync";
    await expect(run("writer", fill)).rejects.toThrow(/quota|space/i);
    await run("writer", "rm -f /two/big; sync");
    const spec = { resources: { requests: { storage: "256Mi" } } };
    await kubectl(["patch", "-n", app, "pvc", "two", "--type=merge", "-p", JSON.stringify({ spec })]);
    await becomes("pvc", "two", ".status.capacity.storage", "256Mi");
    await run("writer", fill);
  });

  it("gives raw disks: written, copied, grown", async () => {
    await run("writer", "printf marked | dd of=/dev/disk bs=1 seek=1048576 conv=notrunc,fsync 2>&1");
    await apply(snapshot("disk-cut", { persistentVolumeClaimName: "disk" }));
    await ready("disk-cut");
    await apply(claim("disk-copy", { volumeMode: "Block", ...fromSnapshot("disk-cut") }));
    await bound("disk-copy");
    await apply(pod("disk-reader", [{ name: "disk-copy", block: true }]));
    await runs("disk-reader");
    expect(await run("disk-reader", "dd if=/dev/disk-copy bs=1 skip=1048576 count=6 2>/dev/null")).toBe("marked");

    const size = "dd if=/dev/disk bs=1048576 2>/dev/null | wc -c";
    expect(await run("writer", size)).toBe(String(64 * 2 ** 20));
    const spec = { resources: { requests: { storage: "96Mi" } } };
    await kubectl(["patch", "-n", app, "pvc", "disk", "--type=merge", "-p", JSON.stringify({ spec })]);
    await becomes("pvc", "disk", ".status.capacity.storage", "96Mi", app, 180);
    expect(await run("writer", size)).toBe(String(96 * 2 ** 20));
  });

  it("has a class without any snapshots", async () => {
    await apply(snapshot("of-plain", { persistentVolumeClaimName: "plain" }));
    await waitFor({
      describe: "the refusal to snapshot a volume of another driver",
      check: async () => (await get("volumesnapshot", "of-plain", ".status.error.message")) !== "",
      seconds: 60,
    });
    expect(await get("volumesnapshot", "of-plain", ".status.readyToUse")).not.toBe("true");
  });

  it("goes on after its driver and its sidecars were killed", async () => {
    const names = [
      "csi-btrfs",
      "csi-provisioner-btrfs",
      "csi-snapshotter-btrfs",
      "csi-resizer-btrfs",
      "snapshot-controller",
    ];
    const keepers = listProcesses().filter((one) => names.includes(one.name));
    const pids = await Promise.all(
      keepers.map(async ({ pid }) => Number(await sh("pgrep", ["--parent", String(pid)]))),
    );
    expect(pids).toHaveLength(names.length);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await apply(snapshot("after-kill", { persistentVolumeClaimName: "one" }));
    await ready("after-kill");
    await apply(claim("from-after-kill", fromSnapshot("after-kill")));
    await bound("from-after-kill");
    expect(await run("writer", "cat /one/note")).toBe("after");
  });

  it("leaves nothing on the disk when the namespaces are gone", async () => {
    const volumes: { spec: { csi: { volumeHandle: string }; claimRef: { namespace: string } } }[] = JSON.parse(
      await kubectl(["get", "pv", "-o", "json"]),
    ).items;
    const ours = volumes
      .filter((one) => [app, movers].includes(one.spec.claimRef.namespace))
      .map((one) => one.spec.csi.volumeHandle);
    expect(ours.length).toBeGreaterThan(5);
    await kubectl(["delete", "namespace", app, movers], { seconds: 240 });
    const left = async () =>
      [...dataOnDisk(), await sh("losetup", ["--list"])].filter((line) => ours.some((id) => line.includes(id)));
    const isClean = async () => (await left()).length === 0;
    await waitFor({ describe: "the volumes and their devices to go", check: isClean, seconds: 60 });
  });
});
