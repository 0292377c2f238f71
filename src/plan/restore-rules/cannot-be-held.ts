import { endOf, runKindOf } from "../../profiles/runs.ts";
import { kindKey } from "../restore-facts.ts";
import { type DecideRule, skip } from "./rule.ts";

/**
 * A server drops a field that it does not know without a word: a run that should come back suspended would start. Older operators
 * do not know the field (SparkApplication before operator 2.4, PyTorchJob before 1.7).
 */
export const cannotBeHeld: DecideRule = {
  name: "cannot-be-held",
  decide: (object, { ref, target }) => {
    const run = runKindOf(object);
    const holdIn = target.preflight?.crds?.get(kindKey(ref.group, ref.kind))?.holdIn;
    const version = object.apiVersion.split("/").at(-1) ?? "";
    if (!run || !holdIn || holdIn.includes(version)) return undefined;
    return skip(
      `the target's definition of ${ref.kind} does not know ${run.hold.join(".")}, so nothing would hold it back: it would ${endOf(object) ? "run again" : "start at once"}`,
    );
  },
};
