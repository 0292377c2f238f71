import { defineConfig } from "vitest/config";

/**
 * unit: pure parts, in one shared world per worker, fast. integration: real binaries, servers and API servers.
 * lab: the whole product on the running lab. The last two share one machine, so one file runs at a time.
 */
const minutes = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{src,lab,scripts}/**/*.test.ts"],
          pool: "threads",
          isolate: false,
          testTimeout: minutes, // far above what any takes: a busy machine is no failure
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          pool: "threads",
          fileParallelism: false,
          testTimeout: 5 * minutes,
          hookTimeout: 5 * minutes,
        },
      },
      {
        test: {
          name: "lab",
          include: ["tests/lab/**/*.test.ts", "tests/scenarios/**/*.test.ts"],
          pool: "threads",
          fileParallelism: false,
          testTimeout: 30 * minutes,
          hookTimeout: 30 * minutes,
        },
      },
    ],
  },
});
