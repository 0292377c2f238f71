/** What a person gets who types something that cannot work: a clear word, what to type next, an exit code to count on. */
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { holdfastAt } from "./cli-kit.ts";
import { cleanUp, samplePoint, temporary } from "./store-kit.ts";

afterAll(cleanUp);

let home: string;
let folder: string;
let keyFile: string;

const holdfast = (args: string[], env: Record<string, string> = {}) => holdfastAt(home, args, env);

beforeAll(async () => {
  home = await temporary();
  folder = join(home, "target");
  keyFile = join(home, "target.key");
  const key = newTargetKey();
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  const store = await openTarget({ kind: "directory", path: folder }, key, { create: true });
  for (const id of ["20261121T031500Z-1a2b3c4d", "20261121T041500Z-5e6f7a8b"]) await store.seal(samplePoint({ id }));
  await store.close();
});

const from = () => ["--from", folder, "--key-file", keyFile];

describe("the command line", () => {
  it("lists, describes and checks a directory without any cluster, as table, JSON and YAML", async () => {
    const table = await holdfast(["points", ...from()]);
    expect(table).toMatchObject({ code: 0, err: "" });
    expect(table.out.split("\n")[0]).toMatch(/^NAME +POINT +TYPE +ADDED +DURATION +FINDINGS +AGE$/);
    const json = JSON.parse((await holdfast(["points", ...from(), "-o", "json"])).out);
    expect(json.map((row: { point: string }) => row.point)).toEqual([
      "20261121T041500Z-5e6f7a8b",
      "20261121T031500Z-1a2b3c4d",
    ]);
    const yaml = await holdfast(["describe", "20261121T0315", ...from(), "-o", "yaml"]);
    expect(yaml.out).toMatch(/^id: 20261121T031500Z-1a2b3c4d$/m);
    expect(yaml.out).toMatch(/^layout: 1$/m);
    expect((await holdfast(["target", "check", folder, "--key-file", keyFile])).out).toMatch(
      /is reachable, its key fits: 2 recovery points/,
    );
  });

  it("prints the recovery kit only where it is asked for, and no colour into a pipe", async () => {
    const kit = await holdfast(["target", "recovery-kit", folder, "--key-file", keyFile]);
    expect(kit.out).toContain((await readFile(keyFile, "utf8")).trim());
    expect(kit.out).not.toContain("\x1b");
  });

  const cases: readonly [what: string, args: () => string[], code: number, says: RegExp, hint: RegExp][] = [
    [
      "an unknown point",
      () => ["describe", "20991231", ...from()],
      3,
      /no recovery point "20991231"/,
      /holdfast points/,
    ],
    [
      "the start of two points",
      () => ["verify", "20261121", ...from()],
      2,
      /fits 2 recovery points: 20261121T0\d1500Z-\w+, 20261121T0\d1500Z-\w+/,
      /name one of them in full/,
    ],
    [
      "a missing key file",
      () => ["points", "--from", folder, "--key-file", join(home, "no.key")],
      3,
      /no key for .*no\.key does not exist/,
      /--key-file FILE/,
    ],
    [
      "no key at all",
      () => ["points", "--from", folder],
      3,
      /no key for .*target: .*\.key does not exist/,
      /--key-file FILE/,
    ],
    [
      "another target's key",
      () => ["points", "--from", folder, "--key-file", join(home, "other.key")],
      12,
      /not the key of target/,
      /recovery kit/,
    ],
    [
      "a key that is none",
      () => ["points", "--from", folder, "--key-file", join(home, "bad.key")],
      12,
      /no target key/,
      /recovery kit/,
    ],
    [
      "a key for all eyes",
      () => ["points", "--from", folder, "--key-file", join(home, "open.key")],
      2,
      /can be read by others/,
      /chmod 600/,
    ],
    [
      "a directory that is not there",
      () => ["points", "--from", join(home, "nowhere"), "--key-file", keyFile],
      3,
      /nowhere does not exist/,
      /--to/,
    ],
    ["a directory that is no target", () => ["points", "--from", home, "--key-file", keyFile], 3, /target/, /./],
    [
      "a bucket without endpoint",
      () => ["points", "--from", "s3://bucket/prefix"],
      2,
      /not a bucket with its endpoint/,
      /s3:\/\/BUCKET/,
    ],
    [
      "a bucket without keys",
      () => ["points", "--from", "s3://bucket/prefix?endpoint=http://127.0.0.1:9"],
      2,
      /no keys for/,
      /AWS_ACCESS_KEY_ID/,
    ],
    ["a kubeconfig that is not there", () => ["points"], 2, /kubeconfig .*none cannot be read/, /--kubeconfig/],
    [
      "a kubeconfig that is no YAML, and has a token in it",
      () => ["--kubeconfig", join(home, "broken.yaml"), "points"],
      2,
      /broken\.yaml cannot be read: /,
      /--kubeconfig/,
    ],
    [
      "an address that is none",
      () => ["--kubeconfig", join(home, "no-scheme.yaml"), "points"],
      2,
      /"127\.0\.0\.1:9" as the address/,
      /https:\/\/HOST:PORT/,
    ],
    [
      "a context that is not there",
      () => ["--kubeconfig", join(home, "dead.yaml"), "--context", "other", "points"],
      2,
      /no context "other": it has dead/,
      /--context/,
    ],
    [
      "a missing word",
      () => ["why"],
      2,
      /^holdfast: missing required argument 'namespace'/,
      /why \[options\] <namespace>/,
    ],
    ["a missing target", () => ["verify", "p"], 2, /^holdfast: required option '--from/, /holdfast verify --help/],
    ["an unknown flag", () => ["points", "--all"], 2, /^holdfast: unknown option '--all'/, /holdfast points --help/],
    ["a target's verb that is none", () => ["target", "chek"], 2, /Did you mean check/, /holdfast target --help/],
    [
      "a file as target",
      () => ["points", "--from", keyFile, "--key-file", keyFile],
      2,
      /is a file/,
      /name a directory/,
    ],
    ["no number of replicas", () => ["install", "--replicas", "two"], 2, /--replicas two is not/, /--replicas 2/],
    ["an image that a script did not set", () => ["install", "--image", ""], 2, /--image is empty/, /leave it out/],
    ["a format that others have", () => ["inspect", "-o", "pdf"], 2, /-o pdf is not known/, /-o html, -o graph/],
    [
      "a server that does not answer",
      () => ["--kubeconfig", join(home, "dead.yaml"), "points"],
      6,
      /127\.0\.0\.1:9|connect/,
      /./,
    ],
    [
      "a format that is none",
      () => ["points", "-o", "xml", ...from()],
      2,
      /-o xml is not known/,
      /-o json, -o yaml or -o table/,
    ],
    ["a backup of nothing", () => ["backup"], 2, /name a plan, or namespaces and a target/, /holdfast backup PLAN/],
    [
      "a plan and a target",
      () => ["backup", "my-plan", "--to", folder],
      2,
      /"my-plan" is a plan of the cluster/,
      /-n NAMESPACE/,
    ],
    [
      "a wrong mapping",
      () => ["restore", "p", ...from(), "--map", "a"],
      2,
      /--map a is not "from=to"/,
      /--map OLD=NEW/,
    ],
    [
      "a wrong exclusion",
      () => ["restore", "p", ...from(), "--exclude", "/x"],
      2,
      /--exclude \/x is not/,
      /Deployment\.apps\/web/,
    ],
    [
      "both ways with what exists",
      () => ["restore", "p", ...from(), "--skip-existing", "--patch-existing"],
      2,
      /exclude each other/,
      /./,
    ],
  ];
  beforeAll(async () => {
    await writeFile(join(home, "other.key"), `${newTargetKey()}\n`, { mode: 0o600 });
    await writeFile(join(home, "bad.key"), "my secret\n", { mode: 0o600 });
    await writeFile(join(home, "open.key"), `${newTargetKey()}\n`);
    await chmod(join(home, "open.key"), 0o644);
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "dead",
      clusters: [{ name: "dead", cluster: { server: "https://127.0.0.1:9" } }],
      users: [{ name: "nobody", user: { token: "t0ken-of-nobody" } }],
      contexts: [{ name: "dead", context: { cluster: "dead", user: "nobody" } }],
    };
    await writeFile(join(home, "dead.yaml"), JSON.stringify(config));
    await writeFile(join(home, "no-scheme.yaml"), JSON.stringify(config).replace("https://", ""));
    await writeFile(join(home, "broken.yaml"), "users: [{ user: { token: t0ken-of-nobody }\n");
  });

  it.concurrent.each(cases)("says what is wrong and what to do: %s", async (_what, args, code, says, hint) => {
    const answer = await holdfast(args());
    expect(answer.err).toMatch(says);
    expect(answer.err).toMatch(/^ {2}try: .+/m);
    expect(answer.err.split("  try: ")[1]).toMatch(hint);
    expect(answer).toMatchObject({ code, out: "" });
    expect(answer.err).not.toMatch(/ at .*\.ts:\d+|t0ken-of-nobody|my secret/);
  });

  it("asks for a kubeconfig where there is none, instead of calling a port of this machine", async () => {
    const answer = await holdfast(["points"], { KUBECONFIG: "" });
    expect(answer).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no cluster is named[^]*try: --kubeconfig FILE/),
    });
  });

  it("makes no target and no key for a backup of a cluster that does not answer", async () => {
    const to = join(home, "never");
    const answer = await holdfast(["--kubeconfig", join(home, "dead.yaml"), "backup", "-n", "x", "--to", to], {
      XDG_CONFIG_HOME: join(home, "never-config"),
    });
    expect(answer).toMatchObject({ code: 6, err: expect.stringContaining("127.0.0.1:9 does not answer") });
    expect(await readdir(home)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^never/)]));
  });

  it("knows which verb was meant", async () => {
    const answer = await holdfast(["restor", "x"]);
    expect(answer).toMatchObject({ code: 2, err: expect.stringMatching(/Did you mean restore/) });
    expect((await holdfast(["--help"])).code).toBe(0);
    expect((await holdfast(["restore", "--help"])).out).toMatch(/--skip-existing/);
  });
});
