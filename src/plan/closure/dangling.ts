/** References that lead nowhere. The same rule at a backup, for a point, and after a restore: only who knows the bytes differs. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { PointReference, ReferenceEnd } from "../../flow/recovery-point.ts";
import { finding } from "../findings/table.ts";
import { homeOf } from "./homes.ts";
import { subjectOf } from "./text.ts";

/** Is there anything at `part` of a bucket or volume? undefined: nobody looked. */
export type HasBytes = (end: ReferenceEnd) => boolean | undefined;

/** Rows in one place that are told one by one; of more of them, one finding tells. */
const mostRoots = 5;

export function danglingFindings(references: readonly PointReference[], has: HasBytes): readonly Finding[] {
  const lost = references.flatMap(({ root, ends }) => {
    const gone = ends.filter((end) => has(end) === false);
    return gone.length > 0 ? [{ root, what: named(gone) }] : [];
  });
  const isEndpoint = ({ root }: Lost) => root.kind === "endpoint";
  const rows = Map.groupBy(
    lost.filter((one) => !isEndpoint(one)),
    ({ root }) => homeOf(root),
  );
  return [
    ...lost.filter(isEndpoint).map(ofEndpoint),
    ...[...rows].flatMap(([home, some]) => (some.length > mostRoots ? [ofMany(home, some)] : some.map(ofRow))),
  ];
}

interface Lost {
  readonly root: PointReference["root"];
  readonly what: string;
}

function named(ends: readonly ReferenceEnd[]): string {
  return someOf(
    ends.map(({ uri, by }) => (by ? `${uri} (${by})` : uri)),
    4,
  );
}

function ofEndpoint({ root, what }: Lost): Finding {
  const message = `it loads its model from ${what}, and nothing is there`;
  return finding("ENDPOINT_WITHOUT_WEIGHTS", subjectOf(root.name), message);
}

function ofRow({ root, what }: Lost): Finding {
  return finding("DANGLING_ARTIFACT", subjectOf(root.name), `it names ${what}, and nothing is there`);
}

function ofMany(home: string, lost: readonly Lost[]): Finding {
  const some = someOf(
    lost.map(({ root, what }) => `${root.name}: ${what}`),
    4,
  );
  return finding("DANGLING_ARTIFACT", `${lost.length} ${home}`, `they name objects that are not there: ${some}`);
}
