import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MoverTask, MoverVolume } from "./contract.ts";
import { moverJob, moverLabels, moverName } from "./job.ts";
import { readTask, taskSecrets } from "./task-secret.ts";

const task: MoverTask = {
  id: "volume-rhoai-demo-data",
  run: "0f0f0f0f-1111-2222-3333-444444444444",
  target: { kind: "directory", path: "/target" },
  repository: { name: "repos/c/ns", password: "the-password" },
  work: { kind: "save-tree", host: "ns/data", tags: [], reread: true },
};
const options = { image: "holdfast:1", namespace: "holdfast-system", targetVolume: { hostPath: { path: "/backups" } } };

function made(volume: MoverVolume, of: MoverTask = task) {
  const secrets = taskSecrets(of, { name: moverName(of), namespace: "holdfast-system", labels: moverLabels(of) });
  return { secrets, job: moverJob(of, volume, secrets, options) };
}

describe("a mover's Job", () => {
  it("waits to be released, holds no secret, and mounts what it needs", () => {
    const { job } = made({ kind: "claim", claim: "clone", readOnly: true, block: false });
    expect(job.spec.suspend).toBe(true);
    expect(JSON.stringify(job)).not.toContain("the-password");
    expect(job.metadata.name.length).toBeLessThanOrEqual(52);
    const [container] = job.spec.template.spec.containers;
    expect(container.volumeMounts.map((mount: { mountPath: string }) => mount.mountPath)).toEqual([
      "/run/holdfast",
      "/scratch",
      "/data",
      "/target",
    ]);
    expect(container.securityContext.capabilities).toEqual({ drop: ["ALL"], add: ["DAC_READ_SEARCH", "DAC_OVERRIDE"] });
  });

  it("stays away from nodes with GPUs, where there are others", () => {
    const { job } = made({ kind: "claim", claim: "clone", readOnly: true, block: false });
    const [preferred] = job.spec.template.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    expect(preferred.preference.matchExpressions[0]).toMatchObject({
      key: "nvidia.com/gpu.present",
      operator: "NotIn",
    });
  });

  it("goes to the node of a live volume", () => {
    const { job } = made({ kind: "live", node: "n1", podUid: "u", volumeName: "pv" });
    expect(job.spec.template.spec.nodeName).toBe("n1");
    expect(job.spec.template.spec.volumes).toContainEqual({
      name: "data",
      hostPath: { path: "/var/lib/kubelet/pods/u/volumes/kubernetes.io~csi/pv/mount", type: "Directory" },
    });
  });

  it("reads an emptyDir where kubelet keeps it, and cannot write there", () => {
    const { job } = made({ kind: "live", node: "n1", podUid: "u", volumeName: "ckpt", emptyDir: true });
    const { volumes, containers, nodeName } = job.spec.template.spec;
    const path = "/var/lib/kubelet/pods/u/volumes/kubernetes.io~empty-dir/ckpt";
    expect(volumes).toContainEqual({ name: "data", hostPath: { path, type: "Directory" } });
    expect(containers[0].volumeMounts).toContainEqual({ name: "data", mountPath: "/data", readOnly: true });
    expect(nodeName).toBe("n1");
  });

  it("gives a raw device as a device", () => {
    const { job } = made({ kind: "claim", claim: "clone", readOnly: true, block: true });
    expect(job.spec.template.spec.containers[0].volumeDevices).toEqual([{ name: "data", devicePath: "/dev/holdfast" }]);
  });
});

describe("a mover's task", () => {
  it("comes back from its Secrets, also where it needs several", async () => {
    const key = () => randomBytes(600).toString("hex");
    const objects = Array.from({ length: 3000 }, () => ({
      key: key(),
      etag: "e",
      size: 1,
      sha256: "s",
      lastModified: "t",
      snapshot: "x",
      path: "/p",
    }));
    const bucket = { endpoint: "http://x", region: "r", bucket: "b", accessKey: "a", secretKey: "s" };
    const long: MoverTask = { ...task, work: { kind: "restore-bucket", bucket, objects } };
    const { secrets } = made({ kind: "none" }, long);
    expect(secrets.length).toBeGreaterThan(1);
    const directory = await mkdtemp(join(tmpdir(), "task-"));
    try {
      for (const secret of secrets) {
        for (const [name, body] of Object.entries(secret.data as Record<string, string>)) {
          expect(body.length).toBeLessThan(1024 * 1024);
          await writeFile(join(directory, name), Buffer.from(body, "base64"));
        }
      }
      expect(await readTask(directory)).toEqual(long);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
