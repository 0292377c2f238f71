import { type FrameworkRule, complete, partial, stepIn, withStep } from "./framework.ts";

const snapshot = "checkpoint_manager_snapshot.json";
const results = "result.json";
const name = /^checkpoint_/;
const named = /"checkpoint_dir_name":\s*\\?"([^"\\]+)/g;

/** Ray Train and Tune: files are copied one by one; what is reported is then listed by the run. */
export const ray: FrameworkRule = {
  framework: "Ray Train",
  files: /^(checkpoint_manager_snapshot\.json|result\.json)$/,
  async find(run, look) {
    const list = run.files.get(snapshot) ?? run.files.get(results);
    const directories = [...run.children.values()].filter((one) => name.test(one.name));
    if (!list || directories.length === 0) return undefined;
    const listed = new Set(Array.from((await look.text(list)).matchAll(named), ([, directory]) => directory));
    const marker = list.path.slice(run.path.length).replace(/^\//, "");
    return {
      found: directories.map((one) => ({
        path: one.path,
        ...withStep(stepIn(one.name)),
        parts: one,
        ...(listed.has(one.name) ? complete : partial(`${marker} does not list it`)),
      })),
    };
  },
};
