import { type FrameworkRule, complete, partial, stepIn, withStep } from "./framework.ts";

const part = /^(.+)\.(?:index|data-\d+-of-(\d+))$/;

/** Files of one prefix: an index and numbered data files. The text file `checkpoint` names the newest, and is written last. */
export const tensorflow: FrameworkRule = {
  framework: "TensorFlow",
  files: /\.index$|\.data-\d+-of-\d+$|^checkpoint$/,
  async find(run, look) {
    if (run.name === "variables") return undefined; // of a SavedModel
    const parts = Map.groupBy(
      [...run.files].filter(([name]) => part.test(name)),
      ([name]) => part.exec(name)![1]!,
    );
    const marker = run.files.get("checkpoint");
    const names = /model_checkpoint_path:\s*"([^"]*)"/.exec(await look.text(marker))?.[1] ?? "";
    if (parts.size === 0 || ![...parts.values()].flat().some(([name]) => name.includes(".data-"))) return undefined;
    const found = [...parts].map(([prefix, files]) => {
      const wanted = Math.max(...files.map(([name]) => Number(part.exec(name)?.[2] ?? 0)));
      const data = files.filter(([name]) => name.includes(".data-")).length;
      const isWhole = files.length > data && data === wanted;
      const why = files.length > data ? `${data} of ${wanted} data files are there` : "its index is missing";
      return {
        path: run.path === "" ? prefix : `${run.path}/${prefix}`,
        ...withStep(stepIn(prefix)),
        parts: files.map(([, entry]) => entry),
        ...(isWhole ? complete : partial(why)),
      };
    });
    return { found, ...(marker ? { marker: { path: marker.path, names } } : {}) };
  },
};
