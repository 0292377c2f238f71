/** What cannot work, said by a cluster: names that it does not know, rights that are missing, credentials that are wrong. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { type Answer, holdfastAt } from "./cli-kit.ts";
import { cleanUp, samplePoint, temporary } from "./store-kit.ts";

let server: ApiServer;
let home: string;
let folder: string;
let keyFile: string;

type Account = "admin" | "nobody" | "stranger";

const holdfast = (account: Account, args: readonly string[]): Promise<Answer> =>
  holdfastAt(home, args, { KUBECONFIG: join(home, account) });

const wrongToken = "wr0ng-token-of-a-stranger";

describe.skipIf(!canStartApiServer)("the command line and a cluster", () => {
  beforeAll(async () => {
    home = await temporary();
    folder = join(home, "target");
    keyFile = join(home, "target.key");
    const key = newTargetKey();
    await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
    const store = await openTarget({ kind: "directory", path: folder }, key, { create: true });
    await store.seal(samplePoint({ id: "20261121T031500Z-1a2b3c4d" }));
    await store.close();
    server = await startApiServer();
    const admin = await readFile(server.kubeconfig, "utf8");
    await writeFile(join(home, "admin"), admin);
    await writeFile(join(home, "nobody"), await readFile(server.nobodyKubeconfig));
    await writeFile(join(home, "stranger"), admin.replace(/"token":"[^"]+"/, `"token":"${wrongToken}"`));
  });
  afterAll(async () => {
    await server?.stop();
    await cleanUp();
  });

  const from = () => ["--from", folder, "--key-file", keyFile];
  const cases: readonly [what: string, who: Account, args: () => string[], code: number, says: RegExp, hint: RegExp][] =
    [
      [
        "an unknown namespace",
        "admin",
        () => ["inspect", "nope"],
        3,
        /namespace nope does not exist/,
        /get namespaces/,
      ],
      ["no platform at all", "admin", () => ["inspect"], 3, /no namespace .* holds a piece/, /inspect NAMESPACE/],
      ["an unknown kind", "admin", () => ["why", "default", "Bogus/x"], 3, /no kind "Bogus"/, /api-resources/],
      [
        "an unknown object",
        "admin",
        () => ["why", "default", "ConfigMap/x"],
        3,
        /no ConfigMap default\/x/,
        /-n default/,
      ],
      ["no operator to back up", "admin", () => ["backup", "p"], 3, /not installed/, /backup -n NAMESPACE --to DIR/],
      ["no operator to restore", "admin", () => ["restore", "p"], 3, /not installed/, /--from DIR/],
      ["no operator that shows points", "admin", () => ["points"], 3, /not installed/, /points --from DIR/],
      ["no operator that has a log", "admin", () => ["logs", "x"], 3, /not installed/, /in its own terminal/],
      ["no operator with targets", "admin", () => ["target", "list"], 3, /not installed/, /target check DIR/],
      ["an unknown target", "admin", () => ["points", "--from", "t"], 3, /holdfast-system\/t does not/, /get targets/],
      [
        "an unknown point",
        "admin",
        () => ["restore", "2099", ...from(), "--dry-run"],
        3,
        /no recovery point "2099"/,
        /points --from/,
      ],
      [
        "no right to look",
        "nobody",
        () => ["inspect", "default"],
        5,
        /forbidden: User "nobody" cannot/,
        /lacks this right/,
      ],
      ["no right to clean up", "nobody", () => ["cleanup"], 5, /forbidden: User "nobody"/, /lacks this right/],
      ["wrong credentials", "stranger", () => ["inspect", "default"], 5, /Unauthorized/, /log in again/],
      [
        "wrong credentials for a backup",
        "stranger",
        () => ["backup", "-n", "default", "--to", folder, "--key-file", keyFile, "--image", "i"],
        5,
        /Unauthorized/,
        /log in again/,
      ],
    ];

  it.concurrent.each(cases)("says what is wrong and what to do: %s", async (_what, who, args, code, says, hint) => {
    const answer = await holdfast(who, args());
    expect(answer.err).toMatch(says);
    expect(answer.err.split("  try: ")[1]).toMatch(hint);
    expect(answer).toMatchObject({ code, out: "" });
    expect(answer.err).not.toMatch(/ at .*\.ts:\d+/);
    expect(answer.err).not.toContain(wrongToken);
  });

  it("makes no target and no key for a backup that cannot begin", async () => {
    const to = join(home, "never");
    const ofNothing = await holdfast("admin", ["backup", "-n", "nope", "--to", to, "--image", "i"]);
    expect(ofNothing).toMatchObject({ code: 3, err: expect.stringContaining("namespace nope does not exist") });
    const withoutImage = await holdfast("admin", ["backup", "-n", "default", "--to", to]);
    expect(withoutImage).toMatchObject({ code: 2, err: expect.stringMatching(/no image[^]*try: --image/) });
    expect(await readdir(home)).not.toContain("never");
    expect(await readdir(home)).not.toContain(".config");
  });

  it("never replaces the key of a target that exists", async () => {
    const config = join(home, "fresh-config");
    const answer = await holdfastAt(home, ["backup", "-n", "default", "--to", folder, "--image", "i"], {
      KUBECONFIG: join(home, "admin"),
      XDG_CONFIG_HOME: config,
    });
    expect(answer).toMatchObject({ code: 3, err: expect.stringMatching(/is a target already, and its key is not in/) });
    expect(await readdir(join(config, "holdfast"))).toEqual([]);
  });
});
