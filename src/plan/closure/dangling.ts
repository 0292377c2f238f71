/** References that lead nowhere. The same rule at a backup, for a point, and after a restore: only who knows the bytes differs. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { PointReference, ReferenceEnd } from "../../flow/recovery-point.ts";
import { finding } from "../findings/table.ts";
import { subjectOf } from "./text.ts";

/** Is there anything at `part` of a bucket or volume? undefined: nobody looked. */
export type HasBytes = (end: ReferenceEnd) => boolean | undefined;

export function danglingFindings(references: readonly PointReference[], has: HasBytes): readonly Finding[] {
  return references.flatMap(({ root, ends }) => {
    const lost = ends.filter((end) => has(end) === false);
    if (lost.length === 0) return [];
    const what = someOf(
      lost.map(({ uri, by }) => (by ? `${uri} (${by})` : uri)),
      4,
    );
    const subject = subjectOf(root.name);
    if (root.kind === "endpoint")
      return [finding("ENDPOINT_WITHOUT_WEIGHTS", subject, `it loads its model from ${what}, and nothing is there`)];
    return [finding("DANGLING_ARTIFACT", subject, `it names ${what}, and nothing is there`)];
  });
}
