/** What a custom resource says of itself. Pure. */
import type { KubeObject } from "../../flow/object.ts";
import { firstLine, type Trouble, weights } from "./trouble.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions that say more than "not ready": those that are False and give a reason. */
export function conditionTrouble(object: KubeObject): Trouble | undefined {
  const conditions: readonly Condition[] = object.status?.conditions ?? [];
  const telling = conditions
    .filter((one) => one.status === "False" && (one.message || one.reason))
    .toSorted((a, b) => Number(/^(Ready|Available)$/.test(a.type)) - Number(/^(Ready|Available)$/.test(b.type)));
  const [first] = telling;
  if (!first) return undefined;
  const why = [first.reason, first.message].filter(Boolean).join(", ");
  return {
    message: `its condition ${first.type} is False: ${firstLine(why)}`,
    advice: "look at the log of its operator",
    weight: weights.unready + 1,
  };
}
