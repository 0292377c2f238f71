/** Objects and rows that a chain leads to and that do not exist. Pure. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Closure } from "../../flow/closure.ts";
import { finding } from "../findings/table.ts";
import { subjectOf } from "./text.ts";

/** Endpoints whose labels name a version that the registry has not. */
export function missingVersions({ chains }: Closure): readonly Finding[] {
  return chains.flatMap(({ root, steps }) =>
    steps.flatMap(({ from, to, end }) => {
      if (end !== "missing" || from !== root.key || !to.startsWith("version:")) return [];
      const [, registry, id] = /^version:(.+)\/([^/]+)$/.exec(to) ?? [];
      const message = `its labels name version ${id}, and ModelRegistry ${registry} has no version of that id`;
      return [finding("REGISTERED_VERSION_MISSING", subjectOf(root.name), message)];
    }),
  );
}

/** Secrets, claims, runtimes: each once, with the chains that are broken there. */
export function missingObjects({ chains }: Closure): readonly Finding[] {
  const lost = chains.flatMap(({ root, steps }) =>
    steps.flatMap(({ to, end }) => (end === "missing" && !to.startsWith("version:") ? [{ to, name: root.name }] : [])),
  );
  return [...Map.groupBy(lost, ({ to }) => to)].map(([to, found]) => {
    const whose = someOf(
      found.map(({ name }) => name),
      4,
    );
    const code = to.startsWith("Secret ") ? "SECRET_MISSING" : "REFERENCE_MISSING";
    return finding(code, to, `it does not exist, and the bytes of ${whose} are reached over it`);
  });
}
