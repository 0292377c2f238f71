import { someOf } from "../../base/some-of.ts";
import type { Readiness } from "./readiness.ts";
import type { Area, Verdict } from "./readiness-table.ts";

const called: Readonly<Record<Area, string>> = {
  apis: "APIs and operators",
  storage: "storage",
  images: "images",
  gpu: "nodes and GPUs",
  network: "network and hosts",
  identity: "identity and rights",
  application: "the application itself",
};

const words: Readonly<Record<Verdict, string>> = {
  ready: "ready",
  unknown: "not known",
  degraded: "degraded",
  blocked: "BLOCKED",
};

/** For people: the verdict, a line for each area, then each reason with what to do. */
export function readinessText({ point, cluster, namespaces, verdict, areas }: Readiness): string {
  const when = cluster.recordedAt ? `, as recorded at ${cluster.recordedAt}` : "";
  const moved = namespaces.filter(({ from, to }) => from !== to).map(({ from, to }) => `${from} as ${to}`);
  const head = [
    `recovery point ${point} on cluster ${cluster.name} (${cluster.version})${when}: ${words[verdict]}`,
    ...(moved.length > 0 ? [`  ${moved.join(", ")}`] : []),
    "",
  ];
  const width = Math.max(...Object.values(called).map((one) => one.length));
  const rows = areas.map(({ area, verdict: own, findings }) => {
    const reasons = findings.filter((one) => one.weight === own && own !== "ready");
    const told = reasons.map(({ code, subject }) =>
      code === "CHECK_NOT_MADE" ? `${subject} not read` : `${code} ${subject}`,
    );
    return `  ${called[area].padEnd(width)}  ${words[own].padEnd(9)}  ${someOf(told, 2)}`.trimEnd();
  });
  const details = areas.flatMap(({ area, findings }) =>
    findings.length === 0
      ? []
      : [
          "",
          called[area],
          ...findings.flatMap(({ weight, code, subject, message, advice }) => [
            `  ${weight === "ready" ? "note" : words[weight]}  ${code} ${subject}`,
            `    ${message}`,
            ...(advice ? [`    -> ${advice}`] : []),
          ]),
        ],
  );
  return [...head, ...rows, ...details].join("\n");
}
