import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, kubectl, kubectlApply, type RunStatus } from "../../lab/demo/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import { backup, makeNamespace, plan, restore } from "./small-app.ts";

/** Volumes of every sort: without snapshots, made only when a pod asks, raw disks; and as the plan's policies want them. */
const source = "volumes";
const into = "volumes-copy";
const stamp = Date.now().toString(36);
const name = `volumes-${stamp}`;
const quiet = () => {};
const sorts = {
  plain: "lab-plain",
  late: "lab-btrfs-wffc",
  raw: "lab-btrfs",
  copied: "lab-btrfs",
  skipped: "lab-btrfs",
} as const;
/** By labels of the claim, as those opt in and out who know Velero's annotations. */
const volumePolicies = [
  { conditions: { pvcLabels: { backup: "no" } }, action: { type: "skip" } },
  {
    conditions: { pvcLabels: { backup: "copy" }, csi: { driver: "btrfs.csi.holdfast.dev" } },
    action: { type: "live" },
  },
];
const labelOf: Partial<Record<Sort, string>> = { skipped: "no", copied: "copy" };
type Sort = keyof typeof sorts;

const write = {
  files: `import os,time
os.makedirs("/data/deep/er",exist_ok=True)
for i in range(8):
    open(f"/data/deep/er/{i}","wb").write(os.urandom(1<<19))
os.chmod("/data/deep/er/0",0o640); os.link("/data/deep/er/1","/data/link"); os.symlink("deep","/data/short")
open("/data/ready","w").write("yes")
time.sleep(10**9)`,
  disk: `import os,time
d=open("/dev/disk","r+b",buffering=0)
for at in (0,40<<20):
    d.seek(at); d.write(os.urandom(1<<20))
os.fsync(d.fileno())
open("/tmp/ready","w").write("yes")
time.sleep(10**9)`,
  nothing: "import time;open('/tmp/ready','w').write('yes');time.sleep(10**9)",
};

const read = {
  files: `import hashlib,os
h=hashlib.sha256()
for base,folders,files in sorted(os.walk("/data")):
    for f in sorted(files+folders):
        p=os.path.join(base,f); s=os.lstat(p)
        h.update(f"{p} {s.st_mode:o} {s.st_uid}:{s.st_gid} {s.st_nlink if not os.path.isdir(p) else 0}".encode())
        if os.path.islink(p): h.update(os.readlink(p).encode())
        elif os.path.isfile(p): h.update(open(p,"rb").read())
print(h.hexdigest())`,
  disk: `import hashlib
h=hashlib.sha256(); d=open("/dev/disk","rb")
while b:=d.read(1<<20): h.update(b)
print(h.hexdigest(), d.tell())`,
};

function application(sort: Sort, image: string): object[] {
  const raw = sort === "raw";
  const labels = { app: sort };
  const label = labelOf[sort];
  const metadata = { name: sort, namespace: source, ...(label ? { labels: { backup: label } } : {}) };
  const claim = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: sorts[sort],
    volumeMode: raw ? "Block" : "Filesystem",
    resources: { requests: { storage: "64Mi" } },
  };
  // A raw disk is written once, by its first pod: a restored one must not write it again.
  const script = raw
    ? `import os\nd=open("/dev/disk","rb"); empty=not any(d.read(4096)); d.close()\nif empty:\n  exec(${JSON.stringify(write.disk)})\nelse:\n  exec(${JSON.stringify(write.nothing)})`
    : `import os,time\nif os.path.exists("/data/ready"): time.sleep(10**9)\n${write.files}`;
  const container = {
    name: "main",
    image,
    securityContext: { runAsUser: 0 },
    command: ["python3", "-c", script],
    readinessProbe: {
      exec: { command: ["python3", "-c", `open('${raw ? "/tmp" : "/data"}/ready')`] },
      periodSeconds: 1,
    },
    ...(raw
      ? { volumeDevices: [{ name: "data", devicePath: "/dev/disk" }] }
      : { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
  };
  const pod = {
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: sort } }],
    containers: [container],
  };
  const spec = {
    replicas: 1,
    strategy: { type: "Recreate" },
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: pod },
  };
  return [
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim },
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec },
  ];
}

const contentOf = (namespace: string, sort: Sort) =>
  kubectl(
    "-n",
    namespace,
    "exec",
    `deployment/${sort}`,
    "--",
    "python3",
    "-c",
    sort === "raw" ? read.disk : read.files,
  );

describe("volumes", () => {
  const before: Partial<Record<Sort, string>> = {};
  let saved: RunStatus;
  let back: RunStatus;

  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    const image = await ensureImage("python");
    await makeNamespace(source);
    const all = Object.keys(sorts) as Sort[];
    await kubectlApply(
      JSON.stringify({ apiVersion: "v1", kind: "List", items: all.flatMap((sort) => application(sort, image)) }),
    );
    for (const sort of all) {
      await kubectl("-n", source, "rollout", "status", `deployment/${sort}`, "--timeout=120s");
      before[sort] = await contentOf(source, sort);
    }
    await kubectlApply(plan("volumes", [source], "lab-target", { volumePolicies }));
    await kubectlApply(backup(name, "volumes"));
    saved = await awaitRun("clusterbackup", name, 300, quiet);
    await kubectlApply(restore(name, name, source, into));
    back = await awaitRun("clusterrestore", name, 300, quiet);
  });

  afterAll(async () => {
    await kubectl("delete", "clusterrestore", name, "--ignore-not-found");
    await kubectl("delete", "clusterbackup", name, "--ignore-not-found", "--wait=false");
    await kubectl("delete", "clusterbackupplan", "volumes", "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", source, into, "--wait=false");
  });

  const subjectsOf = (code: string) =>
    (saved.findings ?? []).filter((one) => one.code === code).map((one) => one.subject);

  it("says which were read live: the one without snapshots, and the one that the plan wants so", () => {
    const claims = ["copied", "plain"].map((claim) => `volumes PersistentVolumeClaim/${claim}`);
    expect(subjectsOf("VOLUME_WITHOUT_SNAPSHOT").sort()).toEqual(claims);
  });

  it("leaves out the content that the plan's policy skips, and says so; its claim comes back empty", async () => {
    expect(subjectsOf("VOLUME_SKIPPED")).toEqual(["volumes PersistentVolumeClaim/skipped"]);
    expect(await kubectl("-n", into, "get", "pvc", "skipped", "-o", "jsonpath={.status.phase}")).toBe("Bound");
    expect(await contentOf(into, "skipped")).not.toBe(before.skipped);
  });

  it("restores all others, into their classes", async () => {
    expect(
      (back["volumes"] as { id: string; result: string }[]).map((one) => `${one.id} ${one.result}`).sort(),
    ).toEqual(["copied", "late", "plain", "raw"].map((one) => `${into}/${one} restored`));
    const classes = await kubectl(
      "-n",
      into,
      "get",
      "pvc",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}={.spec.storageClassName}/{.spec.volumeMode} {end}",
    );
    expect(classes.trim().split(" ").sort()).toEqual([
      "copied=lab-btrfs/Filesystem",
      "late=lab-btrfs-wffc/Filesystem",
      "plain=lab-plain/Filesystem",
      "raw=lab-btrfs/Block",
      "skipped=lab-btrfs/Filesystem",
    ]);
  });

  it.each((Object.keys(sorts) as Sort[]).filter((sort) => sort !== "skipped"))(
    "%s has equal content, modes, owners and links",
    async (sort) => {
      expect(before[sort]).toMatch(/^[0-9a-f]{64}/);
      expect(await contentOf(into, sort)).toBe(before[sort]);
    },
  );

  it("keeps the reclaim policy of the class, and no volume of a mover", async () => {
    const policies = await kubectl(
      "get",
      "pv",
      "-o",
      "jsonpath={range .items[*]}{.spec.claimRef.namespace} {.spec.persistentVolumeReclaimPolicy}{'\\n'}{end}",
    );
    const lines = policies.trim().split("\n");
    expect(lines.filter((line) => line.startsWith(`${into} `))).toEqual(Object.keys(sorts).map(() => `${into} Delete`));
  });
});
