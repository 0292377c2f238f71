/** What a custom resource says of itself. Pure. */
import { type KubeObject, refOf } from "../../flow/object.ts";
import { firstLine, type Trouble, weights } from "./trouble.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Kubernetes' own kinds only say there that their pods are not well; the pods say why. */
const counting = new Set(["apps", "batch", ""]);

/** The conditions that say more than "not ready": those that are False and give a reason. */
export function conditionTrouble(object: KubeObject): Trouble | undefined {
  const conditions: unknown = object.status?.conditions; // some operators keep a map there
  const telling = (Array.isArray(conditions) ? (conditions as (Condition | null)[]) : [])
    .filter((one) => one !== null)
    .filter((one) => one.status === "False" && (one.message || one.reason))
    .toSorted((a, b) => Number(/^(Ready|Available)$/.test(a.type)) - Number(/^(Ready|Available)$/.test(b.type)));
  const [first] = telling;
  if (!first) return undefined;
  const { group } = refOf(object);
  const why = [first.reason, first.message].filter(Boolean).join(", ");
  return {
    message: `its condition ${first.type} is False: ${firstLine(why)}`,
    advice: "look at the log of its operator",
    weight: counting.has(group) ? weights.waiting : weights.unready + 1,
  };
}
