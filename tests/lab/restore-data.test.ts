/**
 * Backup and restore of an application of the test's own, on the lab: volumes (files and block), a bucket by claim, a
 * database whose rows name the bucket. Everything is deleted, then comes back; a second restore writes nothing; a restore
 * that is broken off goes on.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentProgress } from "../../src/base/progress.ts";
import { waitFor } from "../../src/base/wait.ts";
import { type KubeObject, refKey } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient, ResourcePath } from "../../src/kube/contract.ts";
import {
  bucketClaims,
  claims,
  configMaps,
  deployments,
  namespaces,
  pods,
  secrets,
  services,
  volumes,
} from "../../src/kube/well-known.ts";
import { buildImage } from "../../deploy/image/build.ts";
import { systemNamespace } from "../../src/movers/contract.ts";
import { ensureNamespace } from "../../src/movers/namespace.ts";
import { kubeMovers } from "../../src/movers/run.ts";
import { handoverAnnotation } from "../../src/restore/marks.ts";
import { type RunDeps, runBackup } from "../../src/run/backup.ts";
import { runRestore } from "../../src/run/restore.ts";
import type { TargetAccess, TargetStore } from "../../src/store/contract.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { tool } from "../integration/store-kit.ts";

interface LabFile {
  readonly kubeconfig: string;
  readonly registry: string;
  readonly targetS3: { endpoint: string; region: string; accessKey: string; secretKey: string; bucket: string };
}

const labFile = join(process.env.HOLDFAST_LAB_DIR ?? "/var/lib/holdfast-lab", "lab.json");
const lab = existsSync(labFile) ? (JSON.parse(readFileSync(labFile, "utf8")) as LabFile) : undefined;
process.env.HOLDFAST_RESTIC ??= tool("restic");

const id = randomBytes(3).toString("hex");
const app = `restore-${id}`;
const moved = `restore-${id}-moved`;
const killed = `restore-${id}-killed`;
const key = newTargetKey();
const password = randomBytes(9).toString("hex");
const weights = randomBytes(200_000);

const metadata = (name: string, labels?: Record<string, string>) => ({
  name,
  namespace: app,
  ...(labels ? { labels } : {}),
});
const encode = (text: string) => Buffer.from(text).toString("base64");

describe.skipIf(!lab)("data of an application", () => {
  let client: KubeClient;
  let target: TargetStore;
  let deps: RunDeps;
  let mover: string;
  let image: { busybox: string; mariadb: string };
  let bucket: string;
  let point: RecoveryPoint;
  const staging = mkdtempSync(join(tmpdir(), "holdfast-staging-"));

  const settled = <T>(check: () => Promise<T | undefined>, reason: string, seconds = 120) =>
    waitFor(check, { reason, seconds });

  async function newestTag(repository: string): Promise<string> {
    const answer = await fetch(`http://${lab!.registry}/v2/${repository}/tags/list`);
    const { tags } = (await answer.json()) as { tags: string[] };
    const found = tags.filter((tag) => !tag.endsWith("layers")).at(-1);
    return `${lab!.registry}/${repository}:${found}`;
  }

  function write(
    resource: ResourcePath,
    object: Omit<KubeObject, "metadata"> & { metadata: KubeObject["metadata"] },
  ): Promise<KubeObject> {
    return client.create(resource, object as KubeObject);
  }

  function claim(name: string, volumeMode = "Filesystem", storageClassName = "lab-btrfs"): KubeObject {
    const resources = { requests: { storage: name === "db" ? "1Gi" : "64Mi" } };
    return {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: metadata(name),
      spec: { accessModes: ["ReadWriteOnce"], storageClassName, volumeMode, resources },
    };
  }

  function workload(name: string, container: Record<string, unknown>, volume: Record<string, unknown>): KubeObject {
    const labels = { app: name };
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata(name, labels),
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [{ name: "main", imagePullPolicy: "IfNotPresent", ...container }],
            volumes: [{ name: "data", ...volume }],
          },
        },
      },
    };
  }

  const claimVolume = (claimName: string) => ({ persistentVolumeClaim: { claimName } });

  async function podOf(name: string, namespace = app): Promise<KubeObject | undefined> {
    for await (const { object } of client.list(pods, { namespace, labels: `app=${name}` })) {
      const ready = object.status?.conditions?.some(
        (one: { type: string; status: string }) => one.type === "Ready" && one.status === "True",
      );
      if (ready && !object.metadata.deletionTimestamp) return object;
    }
    return undefined;
  }

  async function run(name: string, command: string, namespace = app): Promise<string> {
    const pod = await settled(() => podOf(name, namespace), `pod ${name} in ${namespace}`);
    const { stdout, stderr, code } = await client.exec(namespace, pod.metadata.name, "main", ["sh", "-c", command]);
    if (code !== 0) throw new Error(`${command}: ${stderr}`);
    return stdout;
  }

  async function sql<T>(query: string, namespace = app): Promise<T[]> {
    const pod = await settled(() => podOf("db", namespace), "the database's pod");
    const connection = await settled(
      () =>
        createConnection({ host: pod.status?.podIP, user: "app", password, database: "registry" }).catch(
          () => undefined,
        ),
      "the database",
    );
    try {
      return (await connection.query(query))[0] as T[];
    } finally {
      await connection.end();
    }
  }

  async function bucketOf(namespace = app) {
    const [config, secret] = await Promise.all([
      client.get(configMaps, "models", namespace),
      client.get(secrets, "models", namespace),
    ]);
    const decode = (key: string) => Buffer.from(secret.data[key], "base64").toString();
    const s3 = new S3Client({
      endpoint: `http://${config.data.BUCKET_HOST}:${config.data.BUCKET_PORT}`,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: decode("AWS_ACCESS_KEY_ID"), secretAccessKey: decode("AWS_SECRET_ACCESS_KEY") },
    });
    return { s3, name: config.data.BUCKET_NAME as string, accessKey: decode("AWS_ACCESS_KEY_ID") };
  }

  beforeAll(async () => {
    client = await connect({ kubeconfig: lab!.kubeconfig });
    const access: TargetAccess = { kind: "s3", ...lab!.targetS3, prefix: `restore-test-${id}` };
    target = await openTarget(access, key, { create: true });
    mover = await buildImage({ registry: lab!.registry, tag: "restore-test" });
    await ensureNamespace(client);
    const movers = kubeMovers({ client, image: mover, pullPolicy: "Always" });
    deps = {
      client,
      target,
      access,
      movers,
      progress: { ...silentProgress, note: (text) => console.log(text) },
      signal: new AbortController().signal,
      staging,
    };
    image = { busybox: await newestTag("lab/busybox"), mariadb: await newestTag("lab/mariadb") };

    await write(namespaces, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: app, labels: { team: "science" } },
    });
    await settled(
      () => client.find({ group: "", version: "v1", plural: "serviceaccounts" }, "default", app),
      "the default account",
    );
    await Promise.all(["notes", "db"].map((name) => write(claims, claim(name))));
    await write(claims, claim("raw", "Block"));
    await write(claims, claim("late", "Filesystem", "lab-btrfs-wffc"));
    await write(bucketClaims, {
      apiVersion: "objectbucket.io/v1alpha1",
      kind: "ObjectBucketClaim",
      metadata: metadata("models"),
      spec: { generateBucketName: app, storageClassName: "lab-bucket" },
    });
    await write(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadata("db"),
      type: "Opaque",
      data: { password: encode(password) },
    });
    await write(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata("db"),
      spec: { selector: { app: "db" }, ports: [{ port: 3306 }] },
    });
    const sleeper = { image: image.busybox, command: ["sh", "-c", "sleep 36000"] };
    await write(
      deployments,
      workload("notes", { ...sleeper, volumeMounts: [{ name: "data", mountPath: "/data" }] }, claimVolume("notes")),
    );
    await write(
      deployments,
      workload("late", { ...sleeper, volumeMounts: [{ name: "data", mountPath: "/data" }] }, claimVolume("late")),
    );
    await write(
      deployments,
      workload("raw", { ...sleeper, volumeDevices: [{ name: "data", devicePath: "/dev/raw" }] }, claimVolume("raw")),
    );
    const env = [
      { name: "MYSQL_DATABASE", value: "registry" },
      { name: "MYSQL_USER", value: "app" },
      { name: "MYSQL_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
      { name: "MYSQL_ROOT_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
    ];
    const server = {
      image: image.mariadb,
      env,
      ports: [{ containerPort: 3306 }],
      volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql" }],
    };
    await write(
      deployments,
      workload(
        "db",
        { ...server, readinessProbe: { tcpSocket: { port: 3306 }, periodSeconds: 2, failureThreshold: 60 } },
        claimVolume("db"),
      ),
    );

    await settled(
      async () => ((await client.get(bucketClaims, "models", app)).status?.phase === "Bound" ? true : undefined),
      "the bucket",
    );
    const made = await bucketOf();
    bucket = made.name;
    await made.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "models/iris/model.bin", Body: weights }));
    const keys = (await client.get(secrets, "models", app)).data as Record<string, string>;
    const connection = {
      ...keys,
      AWS_S3_BUCKET: encode(bucket),
      AWS_S3_ENDPOINT: encode("http://10.199.0.1:9000"),
      AWS_DEFAULT_REGION: encode("us-east-1"),
    };
    await write(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { ...metadata("connection"), annotations: { "opendatahub.io/connection-type": "s3" } },
      type: "Opaque",
      data: connection,
    });
    await write(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata("settings"),
      data: { uri: `s3://${bucket}/models/iris`, json: JSON.stringify({ bucket, other: "x" }) },
    });
    await run(
      "notes",
      "mkdir -p /data/deep && echo 'what I learned' > /data/deep/notes.txt && chown -R 1234:5678 /data/deep && chmod 640 /data/deep/notes.txt && sync",
    );
    await run("late", "echo late > /data/late.txt && sync");
    await run("raw", "echo block-content | dd of=/dev/raw bs=4096 conv=notrunc,fsync 2>/dev/null; sync");
    await sql("CREATE TABLE Artifact (id INT PRIMARY KEY AUTO_INCREMENT, uri TEXT, note VARCHAR(100))");
    await sql(
      `INSERT INTO Artifact (uri, note) VALUES ('s3://${bucket}/models/iris', 'v1'), ('s3://another-bucket/x', 'v2'), (NULL, 's3://${bucket}/readme')`,
    );

    const resource = { kind: "ClusterBackupPlan", name: `plan-${id}`, uid: `plan-${id}` };
    point = await runBackup(deps, {
      run: `b-${id}`,
      plan: resource,
      backup: { kind: "ClusterBackup", name: `full-${id}`, uid: `b-${id}` },
      type: "Full",
      namespaces: [{ name: app }],
      clusterName: "lab",
    });
  });

  afterAll(async () => {
    for (const name of [app, moved, killed]) await client?.remove(namespaces, name).catch(() => undefined);
    await target?.close();
    await client?.close();
    rmSync(staging, { recursive: true, force: true });
  });

  async function deleteNamespace(name: string): Promise<void> {
    await client.remove(namespaces, name);
    await settled(async () => ((await client.find(namespaces, name)) ? undefined : true), `${name} to be gone`, 180);
  }

  async function expectData(namespace: string): Promise<void> {
    expect(await run("notes", "cat /data/deep/notes.txt; stat -c '%u:%g %a' /data/deep/notes.txt", namespace)).toBe(
      "what I learned\n1234:5678 640\n",
    );
    expect(await run("late", "cat /data/late.txt", namespace)).toBe("late\n");
    expect(await run("raw", "head -c 13 /dev/raw", namespace)).toBe("block-content");
    const now = await bucketOf(namespace);
    expect(now.name).not.toBe(bucket);
    const object = await now.s3.send(new GetObjectCommand({ Bucket: now.name, Key: "models/iris/model.bin" }));
    expect(Buffer.from(await object.Body!.transformToByteArray()).equals(weights)).toBe(true);
    expect(await sql<{ uri: string; note: string }>("SELECT uri, note FROM Artifact ORDER BY id", namespace)).toEqual([
      { uri: `s3://${now.name}/models/iris`, note: "v1" },
      { uri: "s3://another-bucket/x", note: "v2" },
      { uri: null, note: `s3://${now.name}/readme` },
    ]);
    const connection = (await client.get(secrets, "connection", namespace)).data as Record<string, string>;
    expect(Buffer.from(connection.AWS_S3_BUCKET!, "base64").toString()).toBe(now.name);
    expect(Buffer.from(connection.AWS_ACCESS_KEY_ID!, "base64").toString()).toBe(now.accessKey);
    const { data } = await client.get(configMaps, "settings", namespace);
    expect(data).toEqual({
      uri: `s3://${now.name}/models/iris`,
      json: JSON.stringify({ bucket: now.name, other: "x" }),
    });
  }

  /** Nothing of a run is left: no claim, no mark on a volume, classes' reclaim policy on all of them. */
  async function expectClean(run: string, namespace: string): Promise<void> {
    for await (const { object } of client.list(claims, {
      namespace: systemNamespace,
      labels: `holdfast.dev/run=${run}`,
    })) {
      expect(object.metadata.deletionTimestamp, object.metadata.name).toBeDefined();
    }
    for await (const { object } of client.list(volumes)) {
      if (object.spec.claimRef?.namespace !== namespace) continue;
      expect(object.spec.persistentVolumeReclaimPolicy).toBe("Delete");
      expect(object.metadata.labels?.["holdfast.dev/run"]).toBeUndefined();
      expect(Object.keys(object.metadata.annotations ?? {}).filter((key) => key.startsWith("holdfast.dev/"))).toEqual(
        [],
      );
    }
  }

  const component = (restoreNamespace: string, flags = {}) => ({
    sourceNamespace: app,
    restoreNamespace,
    flags,
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 180,
  });

  it("comes back after the namespace was deleted, bucket and all", async () => {
    await deleteNamespace(app);
    const { report } = await runRestore(deps, {
      run: `r-${id}`,
      point,
      options: { components: [component(app, { skipIfAlreadyExists: true })] },
    });
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(report.volumes.map((one) => one.result)).toEqual(["restored", "restored", "restored", "restored"]);
    expect(report.buckets).toMatchObject([{ objects: 1, result: "restored" }]);
    expect(report.rewrites.join()).toContain("registry.Artifact.uri");
    await expectData(app);
    await expectClean(`r-${id}`, app);
  });

  it("writes nothing the second time", async () => {
    const versions = async () => {
      const found: string[] = [];
      for (const resource of [claims, secrets, configMaps, deployments, services, bucketClaims]) {
        for await (const { object } of client.list(resource, { namespace: app }))
          found.push(
            `${refKey({ group: "", kind: object.kind, name: object.metadata.name })} ${object.metadata.generation ?? ""} ${JSON.stringify(object.spec ?? object.data)}`,
          );
      }
      return found.sort();
    };
    const before = await versions();
    for (const flags of [{ skipIfAlreadyExists: true }, {}]) {
      const { report } = await runRestore(deps, {
        run: `r2-${id}`,
        point,
        options: { components: [component(app, flags)] },
      });
      expect(report.outcomes.filter((one) => !["skipped", "unchanged"].includes(one.result))).toEqual([]);
    }
    expect(await versions()).toEqual(before);
  });

  it("puts back only the objects that a bucket lacks", async () => {
    const { s3, name } = await bucketOf();
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "mine.txt", Body: "kept" }));
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "models/iris/model.bin", Body: "overwritten" }));
    const { report } = await runRestore(deps, {
      run: `r3-${id}`,
      point,
      options: { components: [component(app, { skipIfAlreadyExists: true })] },
    });
    expect(report.buckets).toMatchObject([{ objects: 1, bytes: weights.length }]);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: name }));
    expect(listed.Contents?.map((one) => `${one.Key} ${one.Size}`)).toEqual([
      "mine.txt 4",
      `models/iris/model.bin ${weights.length}`,
    ]);
  });

  it("comes back in another namespace beside the first, and goes on where it was broken off", async () => {
    const broken = new AbortController();
    let filled = 0;
    const progress = {
      ...silentProgress,
      item: (_name: string, done: number, total: number) => {
        if (total > 0 && done === total && ++filled === 2) broken.abort();
      },
    };
    const options = { components: [component(moved)] };
    const order = { run: `m-${id}`, point, options };
    const cut = await runRestore({ ...deps, progress, signal: broken.signal }, order);
    expect(cut.report.stopped).toMatch(/^stopped: \d+ of \d+ steps were not done$/);
    const { report } = await runRestore(deps, order);
    expect(report.stopped).toBeUndefined();
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    await expectData(moved);
    await expectClean(`m-${id}`, moved);
    expect(await run("notes", "cat /data/deep/notes.txt")).toBe("what I learned\n");
  });

  /** Starts a restore in a process of its own and kills it when `moment` has come. */
  async function killedRestore(restore: unknown, moment: () => Promise<boolean>): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, "restore-child.ts")], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.stdin.end(
      JSON.stringify({ kubeconfig: lab!.kubeconfig, access: deps.access, key, image: mover, staging, restore }),
    );
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    try {
      await waitFor(async () => ((await moment()) ? true : undefined), {
        reason: "the moment to kill it",
        seconds: 120,
        everyMs: 50,
      });
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  }

  async function any(
    resource: ResourcePath,
    options: Parameters<KubeClient["list"]>[1],
    fits: (object: KubeObject) => boolean,
  ): Promise<boolean> {
    for await (const { object } of client.list(resource, options)) if (fits(object)) return true;
    return false;
  }

  it("goes on after kill -9: while movers run, while a volume is between claims, while it is being bound", async () => {
    const order = { run: `k-${id}`, point, options: { components: [component(killed)] } };
    const labels = `holdfast.dev/run=${order.run}`;
    await killedRestore(order, () =>
      any(pods, { namespace: systemNamespace, labels }, (pod) => pod.status?.phase === "Running"),
    );
    await killedRestore(order, () => any(volumes, { labels }, () => true));
    await killedRestore(order, () =>
      any(claims, { namespace: killed }, (one) => one.metadata.annotations?.[handoverAnnotation] === order.run),
    );
    const { report } = await runRestore(deps, order);
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    await expectData(killed);
    await expectClean(order.run, killed);
  });

  it("waits for a namespace and for claims that are being deleted", async () => {
    await client.remove(claims, "notes", killed);
    await client.remove(deployments, "notes", killed);
    const workload = await runRestore(deps, {
      run: `w-${id}`,
      point,
      options: { components: [component(killed, { skipIfAlreadyExists: true })] },
    });
    expect(workload.report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(workload.report.volumes.map((one) => one.id)).toEqual([`${killed}/notes`]);

    await client.remove(namespaces, killed);
    const { report } = await runRestore(deps, {
      run: `t-${id}`,
      point,
      options: { components: [component(killed, { skipIfAlreadyExists: true })] },
    });
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(report.volumes).toHaveLength(4);
    await expectData(killed);
  });
});
