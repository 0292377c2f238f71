import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces, pods } from "../../src/kube/well-known.ts";

const labFile = join(process.env.HOLDFAST_LAB_DIR ?? "/var/lib/holdfast-lab", "lab.json");
const lab = existsSync(labFile)
  ? (JSON.parse(readFileSync(labFile, "utf8")) as { kubeconfig: string; registry: string })
  : undefined;
const namespace = `pod-streams-${randomBytes(3).toString("hex")}`;

/** Echoes what comes on port 7000, and counts on its log. */
const script =
  'nc -ll -p 7000 -e cat & i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo "line $i é"; sleep 0.1; done; sleep 3600';

describe.skipIf(!lab)("streams of a real pod", () => {
  let client: KubeClient;

  beforeAll(async () => {
    client = await connect({ kubeconfig: lab!.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const container = {
      name: "main",
      image: `${lab!.registry}/lab/busybox:1`,
      imagePullPolicy: "IfNotPresent",
      command: ["sh", "-c", script],
    };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "echo", namespace },
      spec: { containers: [container], terminationGracePeriodSeconds: 0 },
    };
    await waitFor(() => client.create(pods, pod).catch(() => undefined), {
      reason: "the namespace's service account",
      seconds: 30,
    });
    const running = async () =>
      (await client.get(pods, "echo", namespace)).status?.phase === "Running" ? true : undefined;
    await waitFor(running, { reason: "the pod to run", seconds: 120 });
  });

  afterAll(async () => {
    await client?.remove(namespaces, namespace);
    await client?.close();
  });

  it("runs commands: output, errors, exit codes, input", async () => {
    const run = (command: string[], stdin?: string) =>
      client.exec(namespace, "echo", "main", command, stdin === undefined ? {} : { stdin });
    expect(await run(["sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      code: 7,
    });
    expect(await run(["cat"], "from here\n")).toEqual({ stdout: "from here\n", stderr: "", code: 0 });
    expect((await run(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"])).stdout).toHaveLength(3_000_000);
    await expect(run(["no-such-command"])).rejects.toMatchObject({
      message: expect.stringContaining("no-such-command"),
    });
    await expect(client.exec(namespace, "echo", "other", ["true"])).rejects.toMatchObject({
      message: expect.stringContaining("other"),
    });
  });

  it("stops a command when told", async () => {
    const stop = new AbortController();
    const running = client.exec(namespace, "echo", "main", ["sleep", "60"], { signal: stop.signal });
    setTimeout(() => stop.abort(), 500);
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("forwards a port, many bytes both ways, and again", async () => {
    for (const size of [1, 70_000, 5_000_000]) {
      const stream = await client.portForward(namespace, "echo", 7000);
      const sent = randomBytes(size);
      const received: Buffer[] = [];
      let count = 0;
      const all = new Promise<void>((resolve, reject) => {
        stream.once("error", reject);
        stream.on("data", (data: Buffer) => {
          received.push(data);
          count += data.length;
          if (count >= size) resolve();
        });
      });
      stream.write(sent);
      await all;
      expect(Buffer.concat(received).equals(sent)).toBe(true);
      stream.end();
      stream.destroy();
    }
  });

  it("says that nobody listens", async () => {
    const stream = await client.portForward(namespace, "echo", 7001);
    const failure = new Promise((resolve) => stream.once("error", resolve));
    stream.resume();
    expect(await failure).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("7001") });
  });

  it("gives a log line by line, follows it, and stops when told", async () => {
    await sleep(2_500);
    const lines: string[] = [];
    for await (const line of client.podLog(namespace, "echo")) lines.push(line);
    expect(lines).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 1} é\n`));
    const stop = new AbortController();
    const followed: string[] = [];
    for await (const line of client.podLog(namespace, "echo", { follow: true, signal: stop.signal })) {
      followed.push(line);
      if (followed.length === 20) setTimeout(() => stop.abort(), 200);
    }
    expect(followed).toEqual(lines);
  });
});
