import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { readLab } from "../../lab/lab-file.ts";
import { adminKubeconfig, program } from "../../lab/paths.ts";
import { exportsOf, holdfast, type Kit, parseKit, passwordOf, shell } from "./kit.ts";
import { pidsOfPod, processesShowing } from "./processes.ts";
import { type Needle, searchEverywhere } from "./search.ts";
import { standUp } from "./setup.ts";
import { backup, contentHash, deploySmallApp, plan, restore, type SmallApp } from "./small-app.ts";

/** What makes it safe to let Holdfast near an application: its secrets, its rights, and that nobody needs Holdfast to read a point. */
const system = "holdfast-system";
const registries = "rhoai-model-registries";
const quiet = () => {};
const stamp = Date.now().toString(36);
const name = (what: string) => `trust-${what}-${stamp}`;
const into = "trust-copy";

let app: SmallApp;
let hash: string;
let kit: Kit;
let needles: Needle[];

describe("trust", () => {
  beforeAll(async () => {
    await standUp();
    app = await deploySmallApp("trust", 16);
    hash = await contentHash(app.namespace);
    await kubectlApply(plan("trust", [app.namespace, registries]));
  });

  afterAll(async () => {
    await kubectl("delete", "clusterrestore", "--ignore-not-found", name("copy"), name("rights"));
    await kubectl(
      "delete",
      "clusterbackup",
      "--ignore-not-found",
      name("first"),
      name("queue-1"),
      name("queue-2"),
      "--wait=false",
    );
    await kubectl("delete", "clusterbackupplan", "trust", "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", "trust", into, "--wait=false");
  });

  describe("secrets", () => {
    const shown = new Set<string>();
    let seenWhileRunning: Record<string, string>;

    beforeAll(async () => {
      kit = parseKit(await holdfast("target", "recovery-kit", "lab-target"));
      const root = await secretValue(registries, "model-registry-db", "database-root-password");
      const known = [app.secretValue, readLab().targetS3.secretKey, kit.targetKey, root, ...passwords()];
      const recording = [record("pods"), record("jobs")];
      const sampling = sampleArguments(known, shown);
      await kubectlApply(backup(name("first"), "trust"));
      await awaitRun("clusterbackup", name("first"), 400, quiet);
      await kubectlApply(restore(name("copy"), name("first"), app.namespace, into));
      await awaitRun("clusterrestore", name("copy"), 400, quiet);
      await sampling.stop();
      seenWhileRunning = {
        "pods while it ran": await recording[0]!.stop(),
        "jobs while it ran": await recording[1]!.stop(),
      };
      kit = parseKit(await holdfast("target", "recovery-kit", "lab-target")); // now with this application's repository
      needles = [
        { label: "the application's Secret", text: app.secretValue },
        { label: "the target's S3 key", text: readLab().targetS3.secretKey },
        { label: "the target key", text: kit.targetKey },
        { label: "the database's root password", text: root },
        ...[...kit.repositories.keys()].map((one) => ({ label: `the password of ${one}`, text: passwordOf(kit, one) })),
      ];
    });

    it("are known to this test, each long enough to be found by no accident", () => {
      expect(needles.length).toBeGreaterThanOrEqual(7);
      for (const one of needles) expect(one.text.length, one.label).toBeGreaterThanOrEqual(20);
    });

    it("are restored", async () => {
      expect(await secretValue(into, "token", "value")).toBe(app.secretValue);
      expect(await contentHash(into)).toBe(hash);
    });

    it("are in no process's arguments, looked at every 50 ms", () => expect([...shown]).toEqual([]));

    it("are in no log, Event, resource, ConfigMap, Job, Pod, or plain file of the target", async () => {
      expect(seenWhileRunning["jobs while it ran"]).toContain("mover-"); // the recording did record
      expect(await searchEverywhere(needles, seenWhileRunning)).toEqual([]);
    });

    it("would be found: a planted one is, plain and inside of base64", async () => {
      const planted = {
        plain: app.secretValue,
        packed: Buffer.from(`{"a":"${kit.targetKey}"}`).toString("base64"),
        url: `x?${encodeURIComponent(`${kit.targetKey}`)}`,
      };
      await kubectlApply(
        JSON.stringify({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "planted", namespace: app.namespace },
          data: planted,
        }),
      );
      const hits = await searchEverywhere(needles);
      await kubectl("-n", app.namespace, "delete", "configmap", "planted");
      expect(hits).toEqual(["the application's Secret in configmaps", "the target key in configmaps"]);
      const shows = spawn("sleep", ["20", app.secretValue]); // ends at once, but its arguments are seen first or with the next line
      const holder = spawn(process.execPath, ["-e", "setTimeout(() => {}, 5000)", app.secretValue]);
      await sleep(200);
      expect(await processesShowing([app.secretValue])).toContain(process.execPath);
      shows.kill();
      holder.kill();
    });
  });

  describe("stock restic, with nothing but the recovery kit", () => {
    let folder: string;
    beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "holdfast-kit-"))));
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const part = (what: string) => {
      const found = kit.parts.get(what);
      if (!found) throw new Error(`the kit has no ${what}: ${[...kit.parts.keys()].join(", ")}`);
      return { ...found, exports: exportsOf(kit, found.repository) };
    };

    it("lists the snapshots and checks every byte", async () => {
      const { repository, exports } = part(`volume ${app.namespace}/data`);
      const commands = (kit.repositories.get(repository) ?? []).filter((line) => / (snapshots|check) /.test(line));
      const answer = await shell([...exports, ...commands], folder);
      expect(answer).toContain("no errors were found");
      expect(answer).toMatch(/[1-9]\d* snapshots/);
    });

    it("restores the volume with equal content", async () => {
      const { exports, commands } = part(`volume ${app.namespace}/data`);
      await shell([...exports, ...commands], folder);
      expect(await hashOf(join(folder, "data", "files"))).toBe(hash);
    });

    it("gives the Secrets as a List that an API server takes", async () => {
      const { exports, commands } = part(`namespace ${app.namespace}`);
      const dump =
        commands.find((line) => line.includes(" dump "))?.replace(/\/[a-z.]+\.json.*$/, "/secrets.json") ?? "no dump";
      const list = JSON.parse(await shell([...exports, dump], folder));
      expect(list).toMatchObject({ apiVersion: "v1", kind: "List" });
      const token = list.items.find((one: { metadata: { name: string } }) => one.metadata.name === "token");
      expect(Buffer.from(token.data.value, "base64").toString()).toBe(app.secretValue);
      const applied = await shell([...exports, `${dump} | kubectl apply --dry-run=server -f -`], folder);
      expect(applied).toMatch(/secret\/token (configured|unchanged) \(server dry run\)/);
    });
  });

  describe("rights", () => {
    const never: [verb: string, resource: string, namespace?: string][] = [
      ...["create", "update", "patch", "delete"].flatMap((verb) =>
        ["configmaps", "secrets", "deployments.apps", "pods", "persistentvolumeclaims"].map(
          (one): [string, string, string] => [verb, one, "trust"],
        ),
      ),
      ...["get", "create"].flatMap((verb) =>
        ["pods/exec", "pods/attach", "nodes/proxy", "pods/proxy", "services/proxy"].map((one): [string, string] => [
          verb,
          one,
        ]),
      ),
      ["create", "pods/exec", system],
      ["create", "serviceaccounts/token", system],
      ["create", "clusterrolebindings.rbac.authorization.k8s.io"],
      ["create", "clusterroles.rbac.authorization.k8s.io"],
      ["escalate", "clusterroles.rbac.authorization.k8s.io"],
      ["escalate", "roles.rbac.authorization.k8s.io"],
      ["bind", "clusterroles.rbac.authorization.k8s.io/cluster-admin"],
      ["impersonate", "users"],
    ];

    it.each(["holdfast-operator", "holdfast-runner", "default"])(
      "while nothing is restored, %s may not write an application's objects, enter a pod or give rights",
      async (account) => {
        const allowed: string[] = [];
        for (const [verb, resource, namespace] of never) {
          if (await may(account, verb, resource, namespace))
            allowed.push(`${verb} ${resource} ${namespace ?? "anywhere"}`);
        }
        expect(allowed).toEqual([]);
        expect(await may(account, "list", "secrets", "trust")).toBe(true); // the question is asked rightly
      },
    );

    it("lets the operator bind holdfast-restore and nothing else", async () => {
      const bind = (role: string) =>
        applyAs("holdfast-operator", {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "RoleBinding",
          metadata: { name: "probe", namespace: "trust" },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
          subjects: [{ kind: "ServiceAccount", name: "default", namespace: system }],
        });
      for (const role of ["cluster-admin", "admin", "edit"])
        await expect(bind(role), role).rejects.toThrow(/forbidden|attempting to grant/i);
      await expect(bind("holdfast-restore")).resolves.toContain("probe");
    });

    it("binds cluster-admin to nobody of Holdfast", async () => {
      const { items } = await getJson("clusterrolebindings");
      const strong = (items as Binding[]).filter((one) =>
        ["cluster-admin", "holdfast-restore"].includes(one.roleRef.name),
      );
      const subjects = strong.flatMap((one) => one.subjects ?? []);
      expect(strong.length).toBeGreaterThan(0); // cluster-admin is bound to system:masters
      expect(
        subjects.filter(
          (one) => one.namespace === system || one.name.includes(system) || one.name === "system:serviceaccounts",
        ),
      ).toEqual([]);
    });

    it("gives a restore's account the target namespace for its time, and takes all of it back", async () => {
      await kubectl("delete", "namespace", into, "--timeout=180s");
      await kubectlApply(restore(name("rights"), name("first"), app.namespace, into));
      const seen = new Set<string>();
      let account = "";
      for (let status = ""; !["Available", "Failed"].includes(status); await sleep(100)) {
        const run = (await getJson("clusterrestore", name("rights"))).status ?? {};
        status = run.status ?? "";
        account = run.runner?.job ?? account;
        if (account) for (const one of await bindingsOf(account)) seen.add(one);
      }
      expect(account).not.toBe("");
      expect([...seen]).toEqual([`${into} holdfast-restore`]);
      await expect.poll(() => bindingsOf(account), { timeout: 30_000 }).toEqual([]);
      await expect
        .poll(() => kubectl("-n", system, "get", "serviceaccount", account, "--ignore-not-found", "-o", "name"), {
          timeout: 30_000,
        })
        .toBe("");
      expect((await getJson("clusterrestore", name("rights"))).status.status).toBe("Available");
    });
  });

  describe("two operators", () => {
    it("the other takes over when the leader is killed, and what waited is done", async () => {
      const holder = async () =>
        (await getJson("lease", "holdfast-operator", "-n", system)).spec.holderIdentity as string;
      const leader = await holder();
      await kubectlApply(backup(name("queue-1"), "trust"));
      await kubectlApply(backup(name("queue-2"), "trust", "Incremental"));
      await expect
        .poll(async () => (await getJson("clusterbackup", name("queue-2"))).status?.status, { timeout: 60_000 })
        .toBe("Queued");
      const { metadata } = await getJson("pod", leader, "-n", system);
      // kubelet starts it again; it is kept down until its lease is over.
      const deadline = Date.now() + 90_000;
      let kills = 0;
      while ((await holder()) === leader && Date.now() < deadline) {
        for (const pid of await pidsOfPod(metadata.uid)) {
          process.kill(pid, "SIGKILL");
          kills++;
        }
        await sleep(300);
      }
      expect(kills).toBeGreaterThan(0);
      expect(await holder()).not.toBe(leader);
      await Promise.all([name("queue-1"), name("queue-2")].map((one) => awaitRun("clusterbackup", one, 400, quiet)));
    });
  });
});

interface Binding {
  readonly metadata: { readonly namespace: string };
  readonly roleRef: { readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace?: string }[];
}

async function bindingsOf(account: string): Promise<string[]> {
  const { items } = await getJson("rolebindings", "-A");
  return (items as Binding[])
    .filter((one) => one.subjects?.some((subject) => subject.name === account))
    .map((one) => `${one.metadata.namespace} ${one.roleRef.name}`);
}

function passwords(): string[] {
  return [...kit.repositories.keys()].map((one) => passwordOf(kit, one));
}

async function secretValue(namespace: string, secret: string, key: string): Promise<string> {
  return Buffer.from((await getJson("secret", secret, "-n", namespace)).data[key], "base64").toString();
}

/** Looks through the arguments of all processes until it is stopped. */
function sampleArguments(texts: readonly string[], found: Set<string>): { stop(): Promise<void> } {
  let going = true;
  const looking = (async () => {
    while (going) {
      for (const one of await processesShowing(texts)) found.add(one);
      await sleep(50);
    }
  })();
  return {
    stop() {
      going = false;
      return looking;
    },
  };
}

/** All states of Holdfast's objects of a kind, also of those that are gone again. */
function record(kind: string): { stop(): Promise<string> } {
  const child: ChildProcess = spawn(program("kubectl"), ["get", kind, "-n", system, "--watch", "-o", "json"], {
    env: { ...process.env, KUBECONFIG: adminKubeconfig() },
  });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return {
    async stop() {
      child.kill();
      return text;
    },
  };
}

const as = (account: string) => [
  `--as=system:serviceaccount:${system}:${account}`,
  `--as-group=system:serviceaccounts:${system}`,
  "--as-group=system:serviceaccounts",
  "--as-group=system:authenticated",
];

function may(account: string, verb: string, resource: string, namespace?: string): Promise<boolean> {
  const [, kind = "", subresource] = /^([^/]+)\/(exec|attach|proxy|token)$/.exec(resource) ?? ["", resource];
  const args = [
    "auth",
    "can-i",
    verb,
    kind,
    ...(subresource ? [`--subresource=${subresource}`] : []),
    ...(namespace ? ["-n", namespace] : ["-A"]),
    ...as(account),
  ];
  return new Promise((resolve, reject) => {
    execFile(
      program("kubectl"),
      args,
      { env: { ...process.env, KUBECONFIG: adminKubeconfig() } },
      (_error, stdout, stderr) => {
        const answer = stdout.trim().split(/\s/)[0];
        if (answer === "yes" || answer === "no") resolve(answer === "yes");
        else reject(new Error(`can-i ${verb} ${resource}: ${stdout}${stderr}`));
      },
    );
  });
}

async function applyAs(account: string, object: object): Promise<string> {
  const folder = tmpdir();
  return shell(
    [`kubectl create --dry-run=server -o name ${as(account).join(" ")} -f - <<'END'`, JSON.stringify(object), "END"],
    folder,
  );
}

/** The same hash as contentHash, of a folder here. */
async function hashOf(folder: string): Promise<string> {
  const sum = createHash("sha256");
  for (const file of (await readdir(folder)).sort()) sum.update(await readFile(join(folder, file)));
  return sum.digest("hex");
}
