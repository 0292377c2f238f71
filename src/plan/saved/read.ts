import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { jsonPatch } from "../../api/transform.ts";
import { Fault } from "../../base/fault.ts";
import type { RestoreComponent } from "../restore-options.ts";
import type { SavedObject, SavedPlan } from "./saved-plan.ts";
import { savedLayout } from "./write.ts";

const object = z
  .strictObject({
    action: z.enum(["create", "skip"]),
    rule: z.string().optional(),
    reason: z.string().optional(),
    jsonPatches: z.array(jsonPatch).min(1).optional(),
  })
  .refine((one) => one.action === "create" || !one.jsonPatches, {
    message: "an object that is skipped is not changed: set action: create, or drop jsonPatches",
  });

const component = z.looseObject({
  sourceNamespace: z.string().min(1),
  restoreNamespace: z.string().min(1),
  flags: z.record(z.string(), z.boolean()).default({}),
  transforms: z.array(z.looseObject({ resources: z.looseObject({}) })).default([]),
  storageClassMap: z.record(z.string(), z.string()).default({}),
});

const schema = z.strictObject({
  holdfast: z.literal(savedLayout),
  point: z.string().min(1),
  target: z.string().min(1),
  made: z.strictObject({ at: z.string(), facts: z.record(z.string(), z.string()) }),
  options: z.record(z.string(), z.unknown()).default({}),
  components: z.array(component).min(1),
  objects: z.record(z.string(), z.record(z.string().regex(/^[^/]+\/.+$/, "must be KIND.GROUP/NAME"), object)),
  steps: z
    .record(z.string(), z.strictObject({ action: z.enum(["run", "skip"]), why: z.string().optional() }))
    .default({}),
});

/** The plan of a file; what is wrong in it is said with its line. Pure. */
export function readSavedPlan(text: string, file: string): SavedPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken) throw invalid(file, broken.linePos?.[0].line, broken.message.split("\n")[0]!.replace(/ at line .*$/, ""));
  const parsed = schema.safeParse(valueOf(document, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue!.path.map(String);
    throw invalid(file, lineOf(document, path, lines), `${path.join(" ") || "the file"}: ${issue!.message}`);
  }
  const { point, target, made, options, components, objects, steps } = parsed.data;
  return {
    file,
    point,
    target,
    made,
    options,
    components: components as unknown as readonly RestoreComponent[],
    objects: new Map(
      Object.entries(objects).map(([namespace, list]) => [namespace, savedObjects(document, namespace, list, lines)]),
    ),
    steps: new Map(
      Object.entries(steps).map(([id, { action }]) => [
        id,
        { action, line: lineOf(document, ["steps", id], lines) ?? 0 },
      ]),
    ),
  };
}

/** Aliases are resolved here: so many of them that they would fill the memory are refused. */
function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw invalid(file, undefined, (error as Error).message);
  }
}

function savedObjects(
  document: Document,
  namespace: string,
  list: z.infer<typeof schema>["objects"][string],
  lines: LineCounter,
): ReadonlyMap<string, SavedObject> {
  const starts = keyLines(document, ["objects", namespace], lines);
  return new Map(
    Object.entries(list).map(([name, { action, rule, jsonPatches }]) => [
      name,
      {
        action,
        line: starts.get(name) ?? 0,
        ...(rule ? { rule } : {}),
        ...(jsonPatches ? { jsonPatches: jsonPatches as NonNullable<SavedObject["jsonPatches"]> } : {}),
      },
    ]),
  );
}

/** Line of each key of the map at `path`, in one pass: there may be thousands. */
function keyLines(document: Document, path: readonly string[], lines: LineCounter): ReadonlyMap<string, number> {
  const map = document.getIn(path, true);
  if (!isMap(map)) return new Map();
  return new Map(
    map.items.flatMap((pair) =>
      isPair(pair) && isScalar(pair.key) && pair.key.range
        ? [[String(pair.key.value), lines.linePos(pair.key.range[0]).line] as [string, number]]
        : [],
    ),
  );
}

/** The line of what `path` names, or of the nearest that is there. */
function lineOf(document: Document, path: readonly string[], lines: LineCounter): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const own = keyLines(document, path.slice(0, depth - 1), lines).get(path[depth - 1]!);
    if (own !== undefined) return own;
    const node = document.getIn(path.slice(0, depth), true); // an item of a list
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

export function invalid(file: string, line: number | undefined, message: string): Fault {
  return new Fault("INVALID", `${file}${line ? ` line ${line}` : ""}: ${message}`, {
    hint: "correct the line, or make the plan again: holdfast restore POINT --dry-run --save FILE",
  });
}
