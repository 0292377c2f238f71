import { existsSync, rmSync, writeFileSync } from "node:fs";
import { logFile } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { sh } from "../run/shell.ts";

/** A file that must be there, and the Debian package that brings it. */
const wanted: readonly (readonly [string, string])[] = [
  ["/usr/bin/containerd", "containerd"],
  ["/usr/sbin/runc", "runc"],
  ["/usr/lib/cni/bridge", "containernetworking-plugins"],
  ["/usr/bin/mmdebstrap", "mmdebstrap"],
  ["/usr/bin/btrfs", "btrfs-progs"],
  ["/usr/sbin/iptables", "iptables"],
  ["/usr/sbin/conntrack", "conntrack"],
  ["/usr/sbin/ip", "iproute2"],
  ["/usr/bin/busybox", "busybox-static"],
  ["/usr/bin/openssl", "openssl"],
  ["/usr/sbin/mkfs.ext4", "e2fsprogs"],
  ["/usr/bin/nsenter", "util-linux"],
  ["/usr/bin/xz", "xz-utils"],
  ["/usr/sbin/mariadbd", "mariadb-server-core"], // for the tests that hold a database
  ["/usr/lib/postgresql/15/bin/postgres", "postgresql-15"],
];

const policy = "/usr/sbin/policy-rc.d";

/** Programs out of the distribution: the container runtime, the network plugins, tools for file systems. */
export const apt: Part = {
  name: "apt",
  needs: [],
  seconds: { cold: 45, warm: 0 },
  build: install,
  status: async () => {
    const packages = await missing();
    return packages.length === 0 ? "all there" : `missing: ${packages.join(" ")}`;
  },
};

async function install(): Promise<void> {
  const packages = await missing();
  if (packages.length === 0) return;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Error(`this is not a Debian or Ubuntu; install by hand what brings these: ${packages.join(" ")}`);
  }
  const apt = (args: string[]) =>
    sh("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
      log: logFile("apt"),
      seconds: 900,
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  await apt(["update", "-q"]);
  await withoutServices(() => apt(["install", "-q", "-y", "--no-install-recommends", ...packages]));
  const still = await missing();
  if (still.length > 0) throw new Error(`not there after the install: ${still.join(" ")}; log: ${logFile("apt")}`);
}

/** The packages' own services (a second containerd, above all) must not start: the lab runs its own. */
async function withoutServices(action: () => Promise<unknown>): Promise<void> {
  const own = !existsSync(policy);
  if (own) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await action();
  } finally {
    if (own) rmSync(policy, { force: true });
  }
}

async function missing(): Promise<string[]> {
  const packages = wanted.filter(([file]) => !existsSync(file)).map(([, name]) => name);
  // Any Python's pip will do, wherever it lies.
  const hasPip = await sh("python3", ["-m", "pip", "--version"]).then(
    () => true,
    () => false,
  );
  return hasPip ? packages : [...packages, "python3-pip"];
}
