import type { ApiResource } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { kindKey } from "../plan/restore-facts.ts";

/** What each reader works with. */
export interface FactReader {
  readonly client: KubeClient;
  readonly served: ReadonlyMap<string, ApiResource>;
  /** Of the target; all of them where it is not given. */
  readonly namespaces?: readonly string[];
}

/** The served resource of a kind; undefined where the target does not know it. */
export function servedAs({ served }: FactReader, group: string, kind: string): ApiResource | undefined {
  return served.get(kindKey(group, kind));
}
