/** Chains in words. */
import type { Chain, ChainEnd, ChainStep, Closure } from "../../flow/closure.ts";

/** One chain as a tree, from the root down to the bytes. */
export function chainText(chain: Chain, names: Closure["names"]): string {
  const below = Map.groupBy(chain.steps, ({ from }) => from);
  const ends = Map.groupBy(chain.ends, ({ by }) => by);
  const lines: string[] = [chain.root.name];
  const show = (key: string, depth: number) => {
    const pad = "  ".repeat(depth);
    for (const end of ends.get(key) ?? []) {
      lines.push(`${pad}-> ${end.uri}  (${end.rule})`, `${pad}     ${endWords(end)}`);
      for (const step of below.get(end.place ?? "") ?? []) lines.push(`${pad}     ${besideWords(step)}`);
    }
    for (const step of below.get(key) ?? []) {
      lines.push(`${pad}-> ${nameOf(step.to, names)}  (${step.rule})${stepMark(step)}`);
      show(step.to, depth + 1);
    }
  };
  show(chain.root.key, 1);
  if (chain.steps.length + chain.ends.length === 0) lines.push("  leads to no bytes that are known");
  return lines.join("\n");
}

/** "InferenceService.serving.kserve.io rhoai-demo/iris" -> "InferenceService rhoai-demo/iris". */
export function nameOf(key: string, names: Closure["names"]): string {
  return names[key] ?? key.replace(/^([A-Z]\w*)\.[^ ]+ /, "$1 ");
}

function endWords({ reached, pinned, kind }: ChainEnd): string {
  const mark = reached.captured ? reached.because : `NOT captured: ${reached.because}`;
  return kind === "huggingface" || kind === "image" ? `${mark}${pinned ? "" : " (not pinned)"}` : mark;
}

function besideWords(step: ChainStep): string {
  const word = step.rule === "bucket.claim" ? "made by" : "reached by";
  return `${word} ${nameOf(step.to, {})}${stepMark(step)}`;
}

function stepMark({ end }: ChainStep): string {
  if (!end) return "";
  return end === "missing" ? "  MISSING" : "  outside of these namespaces";
}

/** "InferenceService demo/iris" -> "demo InferenceService/iris", as findings name objects. */
export function subjectOf(name: string): string {
  const [, kind, namespace, own] = /^([A-Z]\w+) ([^/ ]+)\/([^/ ]+)$/.exec(name) ?? [];
  return kind ? `${namespace} ${kind}/${own}` : name;
}
