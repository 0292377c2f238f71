import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { kinds } from "../api/kinds.ts";
import { faultText } from "./main.ts";
import { freshName } from "./names.ts";
import { age, collect, paint, table } from "./output.ts";
import { checkFlags, orderOf, restoreObject } from "./restore-order.ts";
import { isHeld } from "./run-lease.ts";
import { movingLine, rateLine } from "./terminal.ts";
import { verbs } from "./verbs/index.ts";
import { asFlags, shellWord } from "./words.ts";

const MiB = 2 ** 20;

function screen(isTTY: boolean) {
  const written: string[] = [];
  return {
    written,
    stream: { isTTY, columns: 20, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream,
  };
}

describe("output", () => {
  it("has columns as wide as their content", () => {
    expect(
      table(
        ["NAME", "AGE"],
        [
          ["a-long-name", "3m"],
          ["b", ""],
        ],
      ),
    ).toBe("NAME         AGE\na-long-name  3m\nb");
  });

  it("tells ages as kubectl does", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    expect(["11:58:30", "11:50:00", "09:00:00"].map((time) => age(`2026-11-21T${time}Z`, now))).toEqual([
      "90s",
      "10m",
      "3h",
    ]);
    expect([age("2026-11-01T00:00:00Z", now), age(undefined, now), age("2027-01-01T00:00:00Z", now)]).toEqual([
      "20d",
      "-",
      "0s",
    ]);
  });

  it("is plain for a pipe", () => {
    expect(paint("red", "x", screen(false).stream)).toBe("x");
    expect(paint("red", "x", screen(true).stream)).toBe(
      process.env.NO_COLOR || process.env.TERM === "dumb" ? "x" : "\x1b[31mx\x1b[39m",
    );
  });
});

describe("progress", () => {
  it("says bytes, rate and the time that is left", () => {
    expect(
      rateLine(
        [
          { done: 80 * MiB, total: 160 * MiB },
          { done: 40 * MiB, total: 80 * MiB },
        ],
        3000,
      ),
    ).toBe("120.0 MiB of 240.0 MiB, 40.0 MiB/s, 3s left");
    expect(rateLine([{ done: 0, total: 5 }], 0)).toBe("0 B of 5 B, 0 B/s");
    expect(rateLine([{ done: 7, total: 0 }], 1000)).toBe("7 B of 7 B, 7 B/s");
  });

  it("moves on a terminal, within its width, and is silent elsewhere", () => {
    const tty = screen(true);
    const line = movingLine(tty.stream);
    line.move("0123456789012345678901234567890");
    line.say("done");
    expect(tty.written).toEqual(["\r\x1b[K0123456789012345678", "\r\x1b[K", "done\n"]);
    const pipe = screen(false);
    movingLine(pipe.stream).move("x");
    expect(pipe.written).toEqual([]);
  });
});

describe("words", () => {
  it("names flags where advice names fields", () => {
    expect(asFlags("set skipIfAlreadyExists to leave them, or patchIfAlreadyExists")).toBe(
      "set --skip-existing to leave them, or --patch-existing",
    );
    expect(asFlags("map it: restoreConfig.storageClassMap: {a: b}; restore with resume: [Schedules]")).toBe(
      "map it: --storage-class a=b; restore with --resume schedules",
    );
    expect(asFlags("set onVolumeConflict: replace, or leave it out: excludeResourceSelector.gvkSelector")).toBe(
      "set --on-volume-conflict replace, or leave it out: --exclude",
    );
    expect(faultText({ message: "m", hint: undefined })).toBe("holdfast: m\n");
  });

  it("quotes what a shell would take apart", () => {
    expect(["/a/b-c.d", "s3://b?endpoint=x&region=y", "it's"].map(shellWord)).toEqual([
      "/a/b-c.d",
      "'s3://b?endpoint=x&region=y'",
      `'it'\\''s'`,
    ]);
  });

  it("takes a flag again or with commas", () => {
    expect(collect("b, c,", collect("a", undefined))).toEqual(["a", "b", "c"]);
    for (const empty of ["", " ", ","]) expect(() => collect(empty, ["a"])).toThrow("It is empty");
  });

  it("makes names that the API server takes", () => {
    expect(freshName("My_Plan", new Date("2026-11-21T03:15:00Z"))).toMatch(/^my-plan-[0-9a-f]{8}-20261121031500$/);
  });
});

describe("a run's sign of life", () => {
  const lease = (holderIdentity: string, renewTime: string) => ({
    apiVersion: "v1",
    kind: "Lease",
    metadata: { name: "l" },
    spec: { holderIdentity, renewTime },
  });
  const now = Date.parse("2026-11-21T12:00:00Z");

  it("counts while it is fresh, or while its process is looked for here", () => {
    expect(isHeld(lease("elsewhere/1", "2026-11-21T11:59:30.000000Z"), now)).toBe(true);
    expect(isHeld(lease("elsewhere/1", "2026-11-21T11:58:30.000000Z"), now)).toBe(false);
    expect(isHeld(lease(`${hostname()}/${process.pid}`, "2026-11-21T11:59:30.000000Z"), now)).toBe(true);
    expect(isHeld(lease(`${hostname()}/999999999`, "2026-11-21T11:59:59.000000Z"), now)).toBe(false);
  });
});

describe("flags of a restore", () => {
  it("are the ClusterRestore that they stand for", () => {
    const object = restoreObject("r", ["a", "b"], {
      namespace: ["a"],
      map: ["a=c"],
      skipExisting: true,
      onlyMetadata: true,
      storageClass: ["x=y"],
      exclude: ["Deployment.apps/web", "a:Secret/s", "b:ConfigMap", "Workflow.argoproj.io"],
    });
    expect(object.spec.components).toEqual([
      {
        sourceNamespace: "a",
        restoreNamespace: "c",
        restoreConfig: {
          restoreFlags: { skipIfAlreadyExists: true, onlyMetadata: true },
          excludeResourceSelector: {
            gvkSelector: [
              { groupVersionKind: { group: "apps", kind: "Deployment" }, objects: ["web"] },
              { groupVersionKind: { kind: "Secret" }, objects: ["s"] },
              { groupVersionKind: { group: "argoproj.io", kind: "Workflow" } },
            ],
          },
          storageClassMap: { x: "y" },
        },
      },
    ]);
  });

  it("say what becomes of what exists, and what is called otherwise here", () => {
    const asked = {
      onConflict: ["patch", "skip=Secret", "recreate=StatefulSet.apps/db", "replace=b:ConfigMap"],
      onVolumeConflict: "replace",
      imageRegistry: ["quay.io=mirror/quay"],
      host: ["apps.old=apps.new"],
      namePrefix: "t1-",
      transformSet: ["small", "team/large"],
      resume: ["schedules", "runs"],
    };
    checkFlags(asked);
    expect(() => restoreObject("r", ["a"], { namePrefix: "Bad_" })).toThrow(/namePrefix: must begin with a letter/);
    expect(() => restoreObject("r", ["a"], { map: ["a=Bad_Name"] })).toThrow(/restoreNamespace: /);
    expect(() => restoreObject("r", ["a"], { onConflict: ["skip=c:Secret"] })).toThrow("the point does not hold c");
    const restore = restoreObject("r", ["a", "b"], { ...asked, namespace: ["a"] });
    expect(restore.spec.components[0].restoreConfig).toEqual({
      restoreFlags: {},
      imageRegistryMap: { "quay.io": "mirror/quay" },
      hostMap: { "apps.old": "apps.new" },
      namePrefix: "t1-",
      transformSets: [
        { name: "small", namespace: "holdfast-system" },
        { name: "large", namespace: "team" },
      ],
      onConflict: {
        default: "patch",
        rules: [
          { mode: "skip", resources: { gvkSelector: [{ groupVersionKind: { kind: "Secret" } }] } },
          {
            mode: "recreate",
            resources: { gvkSelector: [{ groupVersionKind: { group: "apps", kind: "StatefulSet" }, objects: ["db"] }] },
          },
        ],
      },
      onVolumeConflict: "replace",
      resume: ["Schedules", "Runs"],
    });
    const of = { apiVersion: "holdfast.dev/v1alpha1", kind: "ClusterBackup", metadata: { name: "all" } };
    expect(kinds.ClusterRestore.spec.safeParse(orderOf(of, restore).spec).success).toBe(true);
    const own = { ...of, kind: "Backup", metadata: { name: "nightly", namespace: "a" } };
    expect(() => orderOf(own, restore)).toThrow(/TransformSets of a only/);
    const local = orderOf(own, restoreObject("r", ["a"], { transformSet: ["a/small"] }));
    expect(kinds.Restore.spec.parse(local.spec)).toMatchObject({ transformSets: [{ name: "small" }] });
  });

  it.each([
    [{ onConflict: ["overwrite"] }, /overwrite is no mode/],
    [{ onConflict: ["skip", "patch"] }, /both for all objects/],
    [{ onConflict: ["skip=/x"] }, /--on-conflict skip=\/x is not/],
    [{ onConflict: ["patch"], skipExisting: true }, /--skip-existing and --on-conflict patch exclude each other/],
    [{ onVolumeConflict: "merge" }, /neither keep nor replace/],
    [{ host: ["a"] }, /--host a is not/],
    [{ resume: ["everything"] }, /neither schedules nor runs/],
  ])("%o is refused", (flags, message) => {
    expect(() => checkFlags(flags)).toThrow(message);
  });

  it("ask for no right beyond the namespace where none is needed", () => {
    const own = { apiVersion: "holdfast.dev/v1alpha1", kind: "Backup", metadata: { name: "nightly", namespace: "a" } };
    const here = orderOf(own, restoreObject("r", ["a"], { skipExisting: true }));
    expect(here).toMatchObject({ kind: "Restore", metadata: { name: "r", namespace: "a" } });
    expect(kinds.Restore.spec.parse(here.spec)).toMatchObject({
      source: { type: "Backup", backup: { name: "nightly" } },
      restoreFlags: { skipIfAlreadyExists: true },
    });
    const elsewhere = orderOf(own, restoreObject("r", ["a"], { map: ["a=b"] }));
    expect(elsewhere).toMatchObject({
      kind: "ClusterRestore",
      spec: { source: { type: "Backup", backup: { name: "nightly", namespace: "a" } } },
    });
    const cluster = orderOf(
      { ...own, kind: "ClusterBackup", metadata: { name: "all" } },
      restoreObject("r", ["a", "b"], {}),
    );
    expect(cluster.spec.source).toEqual({ type: "ClusterBackup", clusterBackup: { name: "all" } });
    for (const one of [elsewhere, cluster]) expect(kinds.ClusterRestore.spec.safeParse(one.spec).success).toBe(true);
  });

  it("may name only what the point holds", () => {
    expect(() => restoreObject("r", ["a"], { namespace: ["z"] })).toThrow(/does not hold z/);
    expect(() => restoreObject("r", ["a"], { map: ["z=c"] })).toThrow(/does not hold z/);
    expect(() => restoreObject("r", ["a"], { exclude: ["/x"] })).toThrow(/--exclude \/x/);
  });
});

describe("verbs", () => {
  it("are found in the files of their names", async () => {
    for (const [name, verb] of Object.entries(verbs)) expect((await verb.load())().name()).toBe(name);
  });
});
