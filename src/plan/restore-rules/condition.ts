import { Environment } from "@marcbachmann/cel-js";
import { jsonpath } from "json-p3";
import type { KubeObject } from "../../flow/object.ts";
import type { Transform } from "../restore-options.ts";

type Condition = NonNullable<Transform["when"]>;

/** `object` as it would be written now, `original` as it was backed up: only that has a status. */
const cel = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true })
  .registerVariable("object", "dyn")
  .registerVariable("original", "dyn");

type Compiled = ReturnType<typeof cel.parse>;
/** Few expressions, many objects. */
const compiled = new Map<string, Compiled>();

/** What is wrong with a condition, whatever the object; undefined where nothing is. */
export function faultOf(when: Condition | undefined): string | undefined {
  try {
    if (when?.jsonPath !== undefined) jsonpath.compile(when.jsonPath);
    const checked = when?.cel === undefined ? undefined : compile(when.cel).check();
    return checked?.error ? firstLine(checked.error.message) : undefined;
  } catch (error) {
    return firstLine((error as Error).message);
  }
}

/** Does the condition hold? Throws what is wrong with it. A field that is not there makes a condition false. */
export function holds(when: Condition | undefined, object: KubeObject, original: KubeObject): boolean {
  if (!when) return true;
  if (when.jsonPath !== undefined) return jsonpath.query(when.jsonPath, object as never).length > 0;
  const answer = evaluate(when.cel ?? "", { object: counted(object), original: counted(original) });
  if (typeof answer !== "boolean") throw new Error(`the condition gives ${typeof answer}, not true or false`);
  return answer;
}

function compile(text: string): Compiled {
  const known = compiled.get(text) ?? cel.parse(text);
  compiled.set(text, known);
  return known;
}

/** Messages go on with the expression and a mark below it. */
export function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}

function evaluate(text: string, values: Record<string, unknown>): unknown {
  try {
    return compile(text)(values);
  } catch (error) {
    if (/no such key/i.test((error as Error).message)) return false;
    throw error;
  }
}

/** Whole numbers of JSON are integers in CEL, as the API server has them: "replicas > 1" compares two of a kind. */
function counted(value: unknown): unknown {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(counted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, counted(child)]));
}
