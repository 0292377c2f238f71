import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registry } from "../network.ts";
import { logFile, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { sh } from "../run/shell.ts";

/** Holds the namespaces of every pod. */
export const pauseImage = `${registry}/lab/pause:1`;
/** A shell and the usual small tools. */
export const busyboxImage = `${registry}/lab/busybox:1`;

/** The two images without which no pod and no first look into one is possible. */
export const baseImages: Part = {
  name: "base-images",
  needs: ["tools-build", "pause-build", "registry", "apt"],
  seconds: { cold: 3, warm: 1 },
  up: async () => {
    await ensureImage(pauseImage, ["/pause"], (root) => copyFileSync(program("pause"), join(root, "pause")));
    await ensureImage(busyboxImage, ["/bin/sh"], layBusybox);
  },
};

function layBusybox(root: string): Promise<unknown> {
  for (const folder of ["bin", "etc", "tmp", "root"]) mkdirSync(join(root, folder));
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnobody:x:65534:\n");
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  return sh("/usr/bin/busybox", ["--list"]).then((applets) => {
    const names = applets.split("\n").filter((name) => name !== "" && name !== "busybox");
    for (const name of names) symlinkSync("busybox", join(root, "bin", name));
  });
}

async function ensureImage(reference: string, entrypoint: string[], lay: (root: string) => unknown): Promise<void> {
  const log = logFile("base-images");
  const crane = (...args: string[]) => sh(program("crane"), args, { log, seconds: 60 });
  const there = await crane("digest", reference).then(
    () => true,
    () => false,
  );
  if (there) return;
  const work = mkdtempSync(join(tmpdir(), "holdfast-lab-image-"));
  try {
    const root = join(work, "root");
    mkdirSync(root);
    await lay(root);
    await sh("tar", ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "-czf", join(work, "layer.tar.gz"), "."]);
    await crane("append", "--oci-empty-base", "-f", join(work, "layer.tar.gz"), "-t", `${reference}-layers`);
    const platform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    await crane(
      "mutate",
      `${reference}-layers`,
      "--entrypoint",
      entrypoint.join(","),
      "--env",
      path,
      "--set-platform",
      platform,
      "-t",
      reference,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
