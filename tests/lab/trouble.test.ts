/** What the diagnosis says of applications that are broken in ten ways, with a real scheduler, kubelet, registry and driver behind it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubectl } from "../../lab/cluster/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import { readLab } from "../../lab/lab-file.ts";
import { waitFor } from "../../lab/run/wait.ts";
import type { ObjectRef } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { lookAt, troubleOf } from "../../src/restore/trouble.ts";

const namespace = `trouble-${process.pid}`;
const lab = readLab();
const image = await ensureImage("python");

const claim = (name: string) => ({ name: "data", persistentVolumeClaim: { claimName: name } });
const python = (script: string) => ({ command: ["python3", "-c", script] });
const sleeping = python("import time; time.sleep(10**9)");

interface Broken {
  readonly container?: object;
  readonly pod?: object;
  readonly kind?: "PersistentVolumeClaim";
  readonly says: RegExp;
  readonly advises: RegExp;
}

const broken: Record<string, Broken> = {
  "no-image": {
    container: { image: `${lab.registry}/nobody/has-this:1` },
    says: /image \S+has-this:1 cannot be pulled \((ErrImagePull|ImagePullBackOff)\): .*not found/,
    advises: /not in the registry any more/,
  },
  "no-registry": {
    container: { image: "127.0.0.1:9/team/app:1" },
    says: /cannot be pulled .*(connection refused|connect)/,
    advises: /does not reach the registry/,
  },
  "too-big": {
    container: { resources: { requests: { cpu: "900" } } },
    says: /no node takes it: .*Insufficient cpu/,
    advises: /^free cpu or add nodes/,
  },
  "no-gpu": {
    container: { resources: { limits: { "nvidia.com/gpu": "1" } } },
    says: /no node takes it: .*Insufficient nvidia.com\/gpu/,
    advises: /^free nvidia.com\/gpu/,
  },
  "no-node": {
    pod: { nodeSelector: { "nvidia.com/gpu.product": "H100" } },
    says: /no node takes it: .*node affinity\/selector/,
    advises: /label a node/,
  },
  "no-secret": {
    container: { envFrom: [{ secretRef: { name: "lost" } }] },
    says: /container main cannot be made: secret "lost" not found/,
    advises: /secret lost is not there/,
  },
  "no-config": {
    pod: { volumes: [{ name: "data", configMap: { name: "lost" } }] },
    says: /a volume cannot be mounted: .*configmap "lost" not found/,
    advises: /configmap lost is not there/,
  },
  crashing: {
    container: python("import sys; sys.exit('cannot reach the feature store')"),
    says: /container main crashes \(exit code 1.*its last words: cannot reach the feature store/,
    advises: /kubectl logs .* --previous/,
  },
  "no-command": {
    container: { command: ["/usr/bin/not-here"] },
    says: /container main (crashes|cannot be made|waits).*not-here/,
    advises: /./,
  },
  hungry: {
    container: {
      ...python("x = bytearray(200 << 20); import time; time.sleep(10**9)"),
      resources: { limits: { memory: "48Mi" } },
    },
    says: /container main crashes \(out of memory/,
    advises: /raise the memory limit/,
  },
  "not-ready": {
    container: { ...sleeping, readinessProbe: { exec: { command: ["false"] }, periodSeconds: 1 } },
    says: /container main runs, and is not ready yet: Readiness probe (failed|errored)/,
    advises: /kubectl logs/,
  },
  "no-class": {
    kind: "PersistentVolumeClaim",
    says: /claim no-class: its storage class gold is not there/,
    advises: /storageClassMap/,
  },
};

function deployment(name: string, { container = {}, pod = {} }: Broken): object {
  const labels = { app: name };
  const volumeMounts = "volumes" in pod ? [{ name: "data", mountPath: "/data" }] : [];
  const main = { name: "main", image, ...("command" in container ? {} : sleeping), volumeMounts, ...container };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [main], ...pod } },
    },
  };
}

const lostClaim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "no-class", namespace },
  spec: { storageClassName: "gold", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

describe("what is wrong with an application", () => {
  let client: KubeClient;

  beforeAll(async () => {
    client = await connect({ kubeconfig: lab.kubeconfig });
    const waiting = deployment("waits-for-volume", { pod: { volumes: [claim("no-class")] }, says: /./, advises: /./ });
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      ...Object.entries(broken).map(([name, one]) => (one.kind ? lostClaim : deployment(name, one))),
      waiting,
    ];
    await kubectl(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  });
  afterAll(async () => {
    await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
    await client?.close();
  });

  async function said(name: string, kind: string): Promise<{ message: string; advice: string }> {
    const group = kind === "Deployment" ? "apps" : "";
    const ref: ObjectRef = { group, kind, namespace, name };
    const resource = await client.resource(group, kind);
    return troubleOf(client, await lookAt(client, namespace), ref, await client.find(resource!, name, namespace));
  }

  it.each(Object.entries(broken))("is said in words: %s", async (name, { kind = "Deployment", says, advises }) => {
    let last = { message: "", advice: "" };
    await waitFor({
      describe: `the trouble of ${name} to show`,
      check: async () => {
        last = await said(name, kind);
        return says.test(last.message);
      },
      seconds: 90,
    }).catch(() => {}); // what it said instead is what one wants to read
    expect(last.message).toMatch(says);
    expect(last.advice).toMatch(advises);
  });

  it("is the claim's, not the pod's, where the pod only waits for it", async () => {
    const { message, advice } = await said("waits-for-volume", "Deployment");
    expect(`${message} -> ${advice}`).toMatch(/claim no-class: its storage class gold is not there .*storageClassMap/);
  });
});
