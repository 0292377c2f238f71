/** docs/format is true: a point is read with Python, openssl and restic alone, by the page's scripts and the recovery kit. */
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { recoveryKit } from "../../src/store/recovery-kit.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { treeSha256 } from "../../src/store/tree-hash.ts";
import { cleanUp, clusterUid, samplePoint, targets, temporary, tool } from "./store-kit.ts";

afterAll(cleanUp);
const scripts = join(import.meta.dirname, "../../docs/format");
const name = `repos/${clusterUid}/_cluster`;

async function sealedTarget() {
  const path = await temporary();
  const key = newTargetKey();
  const store = await openTarget({ kind: "directory", path }, key, { create: true });
  await store.repository(name);
  await store.seal(samplePoint({ skew: ["Ünïcode", "1e21"] }));
  return { path, key, store };
}

describe("the scripts of docs/format", () => {
  it("unwrap a password, with and without the package cryptography", async () => {
    const { path, key, store } = await sealedTarget();
    const args = [join(scripts, "unwrap.py"), join(path, "holdfast.json"), join(path, "keys", `${name}.json`)];
    const password = await store.repositoryPassword(name);
    expect(execFileSync("python3", args, { input: key }).toString().trim()).toBe(password);
    const hidden = await temporary();
    mkdirSync(join(hidden, "cryptography"));
    writeFileSync(join(hidden, "cryptography/__init__.py"), "raise ImportError('hidden')\n");
    const without = execFileSync("python3", args, { input: key, env: { ...process.env, PYTHONPATH: hidden } });
    expect(without.toString().trim()).toBe(password);
    const wrong = spawnSync("python3", args, { input: newTargetKey() });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr.toString()).toContain("not the key");
  });

  it("check a signature, and see a changed byte", async () => {
    const { path } = await sealedTarget();
    const manifest = globSync(`${path}/points/**/manifest.json`)[0]!;
    const args = [join(scripts, "check-signature.py"), join(path, "holdfast.json"), manifest];
    expect(spawnSync("python3", args).status).toBe(0);
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"Full"', '"Fuel"'));
    expect(spawnSync("python3", args).status).toBe(1);
  });
});

describe.each(targets)("the recovery kit of a target in a $kind", ({ access: place }) => {
  it("has commands that work in a shell with nothing but restic", async () => {
    const access = await place();
    const key = newTargetKey();
    const store = await openTarget(access, key, { create: true, cacheDir: await temporary() });
    const repository = await store.repository(`repos/${clusterUid}/rhoai-demo`);
    const stream = Readable.from([Buffer.from('{"kind":"List"}')]);
    const path = "/objects/rhoai-demo/notebooks.kubeflow.org.json";
    const objects = await repository.saveStream({ stream, path, host: "objects", tags: [] });
    const directory = await temporary();
    writeFileSync(join(directory, "notebook.ipynb"), "{}");
    const saved = await repository.saveTree({ directory, host: "pvc", tags: [], reread: false });

    const kit = await recoveryKit(store, access, key);
    expect(kit).toContain(key);
    const exports = kit
      .split("\n")
      .filter((line) => line.startsWith("  export "))
      .join("\n");
    const snapshots = /^ {2}(restic .*snapshots)/m.exec(kit)![1]!;
    const restic = snapshots.replace(/ snapshots$/, "");
    const out = await temporary();
    const script = `set -eu\n${exports}\n${snapshots}\n${restic} check --read-data
${restic} dump ${objects.snapshot} ${path} > ${out}/objects.json
${restic} restore ${saved.snapshot} --sparse --target ${out}/data`;
    const bin = await temporary();
    execFileSync("ln", ["-s", process.env.HOLDFAST_RESTIC ?? tool("restic"), join(bin, "restic")]);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: out };
    const ran = spawnSync("sh", { input: script, env });
    expect(ran.stderr.toString()).toBe("");
    expect(ran.stdout.toString()).toContain("no errors were found");
    expect(readFileSync(join(out, "objects.json"), "utf8")).toBe('{"kind":"List"}');
    expect(await treeSha256(join(out, "data"))).toBe(await treeSha256(directory));
  });
});
