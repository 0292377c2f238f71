import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../../discover/walkthrough.sample.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { app, boundClaim, bucketName, registries, runningPod, sample } from "../../profiles/walkthrough.sample.ts";
import { inspectHtml } from "./html.ts";
import { inspect } from "./inspect.ts";
import type { KnownPoint } from "./report.ts";
import { inspectText } from "./text.ts";

const inventory = walkthroughInventory();

function pointOf(...namespaces: readonly string[]): KnownPoint {
  const point = {
    namespaces: namespaces.map((name) => ({
      name,
      volumes: inventory.volumes.filter((one) => one.namespace === name).map((volume) => ({ volume })),
    })),
    completedAt: "2026-11-20T11:00:00Z",
    cluster: { uid: "cluster" },
    databases: [],
    buckets: [],
  } as unknown as RecoveryPoint;
  return {
    id: "20261120T110000Z-1a2b3c4d",
    target: "vault",
    cluster: "cluster",
    completedAt: "2026-11-20T11:00:00Z",
    namespaces,
    grade: "B",
    findings: 0,
    point,
  };
}

const plan = {
  name: "nightly",
  kind: "ClusterBackupPlan",
  target: "Target vault",
  namespaces: [app, registries],
  state: "",
};

describe("inspect", () => {
  const report = inspect(inventory);

  it("lists endpoints with runtime and weights, registries, workbenches, databases", () => {
    expect(report.endpoints[0]).toEqual({
      name: "rhoai-demo/iris",
      format: "sklearn",
      runtime: "mlserver-runtime",
      weights: `${bucketName}/models/iris`,
      url: "http://iris-predictor.rhoai-demo.svc",
      state: "ready",
    });
    expect(report.registries).toEqual([
      {
        name: "rhoai-model-registries/rhoai-registry",
        database: "mysql model-registry-db/model_registry",
        state: "ready",
      },
    ]);
    expect(report.workbenches).toEqual([
      { name: "rhoai-demo/rodolfo-workbench", volumes: ["rodolfo-workbench-storage"], state: "ready" },
    ]);
    expect(report.databases[0]).toMatchObject({ engine: "mariadb", hold: "global read lock" });
    expect(report.objects.total).toBe(report.objects.restored + report.objects.leftToControllers);
  });

  it("finds no fault in the walkthrough's platform, and tells what is good to know apart", () => {
    expect(report.faults).toEqual([]);
    expect(report.notes.map((one) => one.code)).toContain("BUCKET_CLAIM_DELETES");
    expect(report.notes.find((one) => one.code === "BUCKET_CLAIM_DELETES")?.commands).toEqual([
      `kubectl patch objectbucket obc-rhoai-demo-rhoai-demo-bucket --type merge -p '{"spec":{"reclaimPolicy":"Retain"}}'`,
    ]);
  });

  it("says what would be lost: everything, or the time since the point that holds all namespaces", () => {
    expect(report.verdict).toEqual({ level: "bad", text: "everything would be lost: no recovery point holds it" });
    expect(inspect(inventory, { points: [pointOf(app)] }).protection.point).toBeUndefined();
    const { protection, verdict, volumes, buckets } = inspect(inventory, { points: [pointOf(app, registries)] });
    expect(verdict).toEqual({
      level: "bad",
      text: `the changes of the last 1h00m would be lost, and all of bucket s3.openshift-storage.svc/${bucketName}, which no recovery point holds`,
    });
    const whole = pointOf(app, registries);
    const held = {
      ...whole,
      point: { ...whole.point!, buckets: [{ id: inventory.buckets[0]!.id }] },
    } as unknown as KnownPoint;
    expect(inspect(inventory, { points: [held] }).verdict).toEqual({
      level: "good",
      text: "the changes of the last 1h00m would be lost, and nothing else",
    });
    expect(protection.point).toMatchObject({ ageMs: 3_600_000, target: "vault", grade: "B" });
    expect(protection.neverCaptured).toEqual([`bucket s3.openshift-storage.svc/${bucketName}`]);
    expect(volumes.every((one) => one.savedAt === "2026-11-20T11:00:00Z")).toBe(true);
    expect(buckets[0]?.savedAt).toBeUndefined();
  });

  it("knows a database by its volumes again, whatever its pod is called now", () => {
    const [database] = inventory.databases;
    const known = pointOf(app, registries);
    const record = { id: `${registries}/another-pod`, volumes: database!.volumes };
    const held = { ...known, point: { ...known.point!, databases: [record] } } as unknown as KnownPoint;
    const saved = (point: KnownPoint) => inspect(inventory, { points: [point] }).databases[0]?.savedAt;
    expect(saved(held)).toBe("2026-11-20T11:00:00Z");
    expect(saved(known)).toBeUndefined();
  });

  it("does not count points of another cluster, and says nothing of what it could not read", () => {
    const foreign = { ...pointOf(app, registries), cluster: "another" };
    expect(inspect(inventory, { points: [foreign] }).verdict.level).toBe("bad");
    const { point: _unread, ...shown } = pointOf(app, registries);
    const seen = inspect(inventory, { points: [shown], unread: "vault: no route to host" });
    expect(seen.protection).toMatchObject({ neverCaptured: [], unread: "vault: no route to host" });
    expect(inspectText(seen)).toContain("Recovery points that could not be read: vault: no route to host.");
    const nothing = inspect(inventory, { unread: "vault: no route to host" });
    expect(nothing.verdict.text).toContain("it is not known what would be left");
  });

  it("names the command that makes a point now: by the plan that takes all, or without an operator", () => {
    expect(report.protection.command).toBe(`holdfast backup -n ${app},${registries} --to ./holdfast-backups`);
    expect(inspect(inventory, { plans: [plan] }).protection.command).toBe("holdfast backup nightly --follow");
    const half = inspect(inventory, { plans: [{ ...plan, namespaces: [app] }] }).protection;
    expect(half.unplanned).toEqual([registries]);
    expect(half.command).toContain("--to ./holdfast-backups");
  });

  it("prints the answer first, then tables that line up", () => {
    const text = inspectText(report);
    expect(text.indexOf("IF THIS CLUSTER DIED NOW")).toBeLessThan(text.indexOf("Endpoints (2)"));
    expect(text).toContain("Everything would be lost");
    expect(text).toMatch(/rhoai-demo\/iris\s+sklearn\s+mlserver-runtime\s+rhoai-demo-[0-9a-f-]+\/models\/iris\s+ready/);
    expect(text).toContain("whole bucket");
    expect(text).toContain("not listed: not asked");
    const lines = text.split("\n");
    const header = lines.find((line) => line.includes("READ BY")) ?? "";
    const row = lines.find((line) => /model-registry-db +20\.0 GiB/.test(line)) ?? "";
    expect(row.indexOf("20.0 GiB")).toBe(header.indexOf("SIZE"));
    const sized = new Map([[inventory.buckets[0]!.id, { objects: 3, bytes: 5 << 20, isPart: true as const }]]);
    expect(inspectText(inspect(inventory, { sizes: sized }))).toContain("more than 5.0 MiB, 3 objects");
  });
});

describe("faults", () => {
  const bench = sample("kubeflow.org/v1", "Notebook", app, "bench", {
    spec: { template: { spec: { containers: [{ name: "bench", image: "x", workingDir: "/home/jovyan" }] } } },
  });
  const pod = runningPod(
    app,
    "bench-0",
    { containers: [{ name: "bench", image: "x" }] },
    {
      ownerReferences: [
        { apiVersion: "kubeflow.org/v1", kind: "Notebook", name: "bench", uid: bench.metadata.uid!, controller: true },
      ],
    },
  );
  const volume = boundClaim(app, "scratch", "local", "local.csi");
  const storageClass = sample("storage.k8s.io/v1", "StorageClass", undefined, "local");
  const user = runningPod(app, "user", {
    containers: [{ name: "c" }],
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "scratch" } }],
  });
  const report = inspect(inventoryOf([bench, pod, ...volume, user, storageClass]));

  it("come ranked by what is lost, with commands to be copied", () => {
    expect(report.faults.map((one) => [one.loss, one.code])).toEqual([
      ["lost", "WORKBENCH_WITHOUT_VOLUME"],
      ["doubtful", "VOLUME_WITHOUT_SNAPSHOT"],
    ]);
    const [first, second] = report.faults;
    expect(first?.commands[0]).toBe("kubectl cp rhoai-demo/bench-0:/home/jovyan ./bench-saved");
    expect(first?.commands[2]).toContain(`"mountPath":"/home/jovyan"`);
    expect(second?.commands).toEqual([
      expect.stringMatching(/^echo '\{.*"driver":"local.csi".*\}' \| kubectl apply -f -$/),
    ]);
    expect(report.verdict.text).toMatch(/with a backup 1 thing would be lost for good, and 1 thing would come back/);
  });

  it("name the model and the place that a command is about", () => {
    const service = (name: string, storageUri: string) =>
      sample("serving.kserve.io/v1beta1", "InferenceService", app, name, {
        spec: { predictor: { model: { modelFormat: { name: "x" }, storageUri } } },
      });
    const { faults } = inspect(
      walkthroughInventory(service("a", "hf://org/model:main"), service("b", "gs://far/model")),
    );
    const commandsOf = (code: string) => faults.find((one) => one.code === code)?.commands.join("\n");
    expect(commandsOf("HF_WITHOUT_REVISION")).toContain("huggingface.co/api/models/org/model ");
    expect(commandsOf("HF_WITHOUT_REVISION")).toContain(`"value":"hf://org/model:'$COMMIT'"`);
    expect(commandsOf("URI_OUT_OF_REACH")).toContain(
      `gsutil -m cp -r gs://far/model ./MODEL\naws s3 cp --recursive ./MODEL s3://${bucketName}/models/b`,
    );
  });

  it("never let a name of the cluster become a command", () => {
    const evil = "x';touch${IFS}/tmp/owned;'";
    const registry = sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", registries, "r", {
      spec: { mysql: { host: "db.example.com", username: evil, database: "$(reboot)" } },
    });
    const service = (name: string, storageUri: string) =>
      sample("serving.kserve.io/v1beta1", "InferenceService", app, name, {
        spec: { predictor: { model: { modelFormat: { name: "x" }, storageUri } } },
      });
    const open = [
      registry,
      service("a", `hf://org/${evil}`),
      service("b", `gs://far/${evil}`),
      service("c", "hf://$(reboot)"),
    ];
    const report = inspect(walkthroughInventory(...open, service("d", "hf://\u001b[2Jorg/model")));
    expect(inspectText(report)).not.toContain("\u001b");
    const commands = report.faults.flatMap((one) => one.commands);
    expect(commands.join("\n")).toContain("'$(reboot)'");
    for (const command of commands) {
      const bare = command
        .replace(/'\\''/g, "")
        .replace(/'[^']*'/g, "")
        .replace(/^COMMIT=\$\(curl [^|;]*/, "");
      expect(bare).not.toMatch(/touch|reboot/);
    }
  });

  it("are told by the dozen where there are very many alike, and counted", () => {
    const many = Array.from({ length: 40 }, (_, at) =>
      sample("kubeflow.org/v1", "Notebook", app, `bench-${at}`, { spec: bench.spec }),
    );
    const report = inspect(inventoryOf(many));
    expect(report.faults).toHaveLength(40);
    const text = inspectText(report);
    expect(text.split("[WORKBENCH_WITHOUT_VOLUME]")).toHaveLength(13);
    expect(text).toContain("and 28 more of WORKBENCH_WITHOUT_VOLUME: holdfast inspect -o json names them");
    expect(inspectHtml(report, "0").split('class="code">WORKBENCH_WITHOUT_VOLUME')).toHaveLength(13);
  });

  it("print their commands on lines of their own, whole", () => {
    const lines = inspectText(report).split("\n");
    for (const command of report.faults.flatMap((one) => one.commands)) expect(lines).toContain(`         ${command}`);
  });
});

describe("the page", () => {
  const evil = sample("serving.kserve.io/v1beta1", "InferenceService", app, "x", {
    spec: {
      predictor: { model: { modelFormat: { name: `<script>alert("1")</script>` }, storageUri: "hf://a/b'&<c>" } },
    },
  });
  const page = inspectHtml(inspect(inventoryOf([evil]), { clusterName: "lab & co" }), "0.1.0");

  it("stands alone and runs nothing", () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|onload/i);
    expect(page).not.toMatch(/https?:\/\/(?!huggingface\.co)/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain("@media print");
  });

  it("escapes what comes from the cluster", () => {
    expect(page).toContain("lab &amp; co");
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(page).toContain("hf://a/b&#39;&amp;&lt;c&gt;");
  });

  it("has as many tags open as closed", () => {
    for (const tag of [
      "section",
      "table",
      "tr",
      "td",
      "th",
      "ol",
      "ul",
      "li",
      "pre",
      "p",
      "h2",
      "h3",
      "div",
      "main",
      "code",
      "span",
    ]) {
      const count = (text: string) => page.split(text).length - 1;
      expect([tag, count(`<${tag}>`) + count(`<${tag} `)]).toEqual([tag, count(`</${tag}>`)]);
    }
  });
});
