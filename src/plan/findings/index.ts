import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { bucketFindings } from "./buckets.ts";
import { changedChildFindings } from "./changed-children.ts";
import { chainFindings } from "./chains.ts";
import { databaseFindings } from "./databases.ts";
import { deletionFindings } from "./deletions.ts";
import { emptyDirFindings } from "./empty-dirs.ts";
import { lookAtAll } from "./look.ts";
import { platformFindings, referenceFindings } from "./references.ts";
import { namespaceFindings } from "./namespaces.ts";
import { rowsElsewhereFindings, runsElsewhereFindings } from "./rows-elsewhere.ts";
import { labelFindings } from "./selection.ts";
import { servingFindings } from "./serving.ts";
import { shareFindings } from "./shares.ts";
import { gitFindings, releaseFindings, toolFindings } from "./tools.ts";
import { unreadFindings } from "./unread.ts";
import { uriFindings } from "./uris.ts";
import { vectorStoreFindings } from "./vector-stores.ts";
import { volumeFindings } from "./volumes.ts";
import { workbenchFindings } from "./workbenches.ts";

const rules = [
  namespaceFindings,
  unreadFindings,
  volumeFindings,
  databaseFindings,
  bucketFindings,
  uriFindings,
  chainFindings,
  workbenchFindings,
  deletionFindings,
  servingFindings,
  toolFindings,
  vectorStoreFindings,
];
/** These look at every object. */
const lookingRules = [
  shareFindings,
  rowsElsewhereFindings,
  runsElsewhereFindings,
  emptyDirFindings,
  referenceFindings,
  platformFindings,
  labelFindings,
  changedChildFindings,
  gitFindings,
  releaseFindings,
];
const order: Record<Finding["severity"], number> = { error: 0, warning: 1, info: 2 };

/** What a person should know of an inventory, the worst first; `more` is what the selection has to say. */
export function findingsOf(inventory: Inventory, more: readonly Finding[] = []): readonly Finding[] {
  const looked = lookAtAll(
    inventory,
    lookingRules.map((rule) => rule(inventory)),
  );
  const found = [...inventory.findings, ...rules.flatMap((rule) => rule(inventory)), ...looked, ...more];
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}
