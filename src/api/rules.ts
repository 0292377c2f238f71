/**
 * One rule, two places: CEL in the CRD for the API server, the same check in the schema for the CLI and for forms. Both say
 * the same sentence.
 */
import type { z } from "zod";

const key = "x-kubernetes-validations";

interface CelRule {
  readonly rule: string;
  readonly message: string;
}

export interface Rule<T> {
  /** CEL over `self`. */
  readonly cel: string;
  readonly message: string;
  /** The same in TypeScript. */
  readonly check: (value: T) => boolean;
}

/** Adds a rule to a schema. Several may be added one after the other. */
export function withRule<S extends z.ZodType>(schema: S, rule: Rule<z.output<S>>): S {
  const checked = schema.refine(rule.check as (value: unknown) => boolean, { message: rule.message }) as S;
  return withCel(checked, { rule: rule.cel, message: rule.message });
}

/** What was said at creation stays: only a server, which knows the old value, can check it. */
export function immutable<S extends z.ZodType>(schema: S, kind: string): S {
  return withCel(schema, {
    rule: "self == oldSelf",
    message: `the spec of a ${kind} cannot be changed after its creation: make a new ${kind}`,
  });
}

function withCel<S extends z.ZodType>(schema: S, rule: CelRule): S {
  const known = (schema.meta()?.[key] as CelRule[] | undefined) ?? [];
  return schema.meta({ ...schema.meta(), [key]: [...known, rule] }) as S;
}
