import { someOf } from "../../../base/some-of.ts";
import type { Ask } from "./ask.ts";
import { gpuOf, type NodeGpu } from "./node-gpu.ts";
import { placed, type Row, together } from "./row.ts";
import { compareVersions } from "./versions.ts";

/** What images require is in them, where nobody looks; that they ran with a newer driver is known. */
export const olderDrivers: Row = (input) =>
  together(placed(input), (ask) => {
    const [before, now] = [newest(ask.ran, "cuda"), newest(ask.nodes, "cuda")];
    const [driver, driverHere] = [newest(ask.ran, "driver"), newest(ask.nodes, "driver")];
    const isOlder = (a?: string, b?: string) => a !== undefined && b !== undefined && compareVersions(b, a) < 0;
    // Minor CUDA versions of one driver branch run the same programs: only an older driver branch is news.
    if (!isOlder(before, now) && !isOlder(branchOf(driver), branchOf(driverHere))) return undefined;
    if (requiresMore(ask, now, driverHere)) return undefined; // the check of drivers has said so
    return {
      key: ask.key,
      message: `ran with driver ${driver ?? "?"} (CUDA ${before ?? "?"}); the newest here is ${driverHere ?? "?"} (CUDA ${now ?? "?"})`,
    };
  }).map(({ keys, message }) => ({
    code: "GPU_DRIVER_OLDER",
    severity: "warning" as const,
    subject: keys[0]!,
    message: `${someOf(keys)} ${message}: an image that needs the newer one does not start`,
    advice: "bring the drivers of the nodes up to those of the point (ClusterPolicy spec.driver.version)",
  }));

function newest(nodes: Ask["nodes"] | Ask["ran"], what: "cuda" | "driver"): string | undefined {
  const versions = nodes.flatMap((node) => (gpuOf(node) satisfies NodeGpu)[what] ?? []);
  return versions.sort(compareVersions).at(-1);
}

function branchOf(driver: string | undefined): string | undefined {
  return driver?.split(".")[0];
}

function requiresMore({ env }: Ask, cuda: string | undefined, driver: string | undefined): boolean {
  const [, wanted] = /cuda>=([0-9.]+)/.exec(env.get("NVIDIA_REQUIRE_CUDA") ?? "") ?? [];
  const [, wantedDriver] = /driver>=([0-9.]+)/.exec(env.get("NVIDIA_REQUIRE_DRIVER") ?? "") ?? [];
  return (
    (wanted !== undefined && cuda !== undefined && compareVersions(cuda, wanted) < 0) ||
    (wantedDriver !== undefined && driver !== undefined && compareVersions(driver, wantedDriver) < 0)
  );
}
