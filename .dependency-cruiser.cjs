/** The arrows between the rooms of src/, as ARCHITECTURE.md draws them. A room may import only what is listed for it. */
const mayImport = {
  base: [],
  flow: ["base"],
  content: ["base", "flow"],
  api: ["base", "flow"],
  kube: ["base", "flow"],
  store: ["base", "flow"],
  profiles: ["base", "flow", "api"],
  plan: ["base", "flow", "api", "profiles"],
  discover: ["base", "flow", "kube", "profiles", "plan"],
  movers: ["base", "flow", "kube", "store"],
  capture: ["base", "flow", "content", "kube", "store", "movers"],
  restore: ["base", "flow", "kube", "store", "movers", "plan", "profiles"],
  verify: ["base", "flow", "store"],
  install: ["base", "flow", "api", "movers"],
  run: ["base", "flow", "api", "kube", "store", "movers", "plan", "discover", "capture", "restore"],
  agent: ["base", "flow", "content", "api", "kube", "store", "movers", "run", "plan"],
  operator: ["base", "flow", "api", "kube", "store", "movers", "capture", "run", "agent", "install"],
  cli: ["base", "flow", "api", "kube", "store", "movers", "plan", "discover", "capture", "run", "verify", "install", "agent", "operator"],
};

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: { path: "^src" }, to: { circular: true } },
    ...Object.entries(mayImport).map(([room, rooms]) => ({
      name: `${room}-imports-only-its-own`,
      comment: `${room} may import ${rooms.join(", ") || "nothing of ours"}`,
      severity: "error",
      from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/", pathNot: `^src/(${[room, ...rooms].join("|")})/` },
    })),
    {
      name: "pure-rooms-do-no-io",
      comment: "plan, profiles and flow decide on values: no network, files or processes",
      severity: "error",
      from: { path: "^src/(plan|profiles|flow)/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"], path: "^(node:)?(fs|fs/promises|net|http|https|child_process|tls|dns)$" },
    },
  ],
  options: { parser: "swc", doNotFollow: { path: "node_modules" }, tsPreCompilationDeps: true, enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] } },
};
