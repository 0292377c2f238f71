import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import type { RestoreComponent } from "./restore-options.ts";

/** The namespace with the labels and annotations of the point, without what its cluster wrote. */
export function namespaceDraft(
  point: RecoveryPoint,
  { sourceNamespace, restoreNamespace, flags }: RestoreComponent,
): Draft {
  const record = point.namespaces.find((one) => one.name === sourceNamespace);
  const why =
    sourceNamespace === restoreNamespace ? "where the application lives" : `takes the place of ${sourceNamespace}`;
  return draft(
    {
      kind: "namespace",
      id: stepIds.namespace(restoreNamespace),
      needs: [],
      why,
      name: restoreNamespace,
      labels: without(record?.labels ?? {}, (key) => key === "kubernetes.io/metadata.name"),
      annotations: without(record?.annotations ?? {}, (key) =>
        isOfCluster(key, Boolean(flags.useOCPNamespaceUIDRange)),
      ),
    },
    ranks.namespace,
  );
}

/** The range of user ids, the SELinux label and the groups that OpenShift gives to a namespace. */
export const uidRangeAnnotation = "openshift.io/sa.scc.";

function isOfCluster(key: string, ownUidRange: boolean): boolean {
  if (key === "kubectl.kubernetes.io/last-applied-configuration" || key.startsWith("holdfast.dev/")) return true;
  return ownUidRange && key.startsWith(uidRangeAnnotation);
}

function without(map: Readonly<Record<string, string>>, drop: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !drop(key)));
}
