import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import { leads } from "../paths.ts";
import type { GroupKind, NotRestored, Profile } from "../profile.ts";

const group = "operators.coreos.com";
const olmKind = (kind: string): GroupKind => ({ group, kind });
const subscription = olmKind("Subscription");
const operatorGroup = olmKind("OperatorGroup");
const catalogSource = olmKind("CatalogSource");
const version = olmKind("ClusterServiceVersion");

/**
 * The Operator Lifecycle Manager. Operators are installed, not restored: the wish for one (Subscription, OperatorGroup,
 * CatalogSource) comes back, and OLM installs it; its parts, bound to the old installation by uids, would be in its way.
 */
export const olm: Profile = {
  name: "olm",
  about: {
    is: "Operators that the Operator Lifecycle Manager installs.",
    left: "ClusterServiceVersions (copies too), InstallPlans, OperatorConditions, and all that a ClusterServiceVersion owns: OLM installs them.",
    keeps:
      "Subscriptions, OperatorGroups and CatalogSources: what somebody asked for. OLM installs the newest version of the channel; a finding says which one ran.",
    status: "They start clean: a Subscription that names an installed version would wait for it for ever.",
  },
  kinds: [subscription, operatorGroup, catalogSource, version, olmKind("InstallPlan"), olmKind("OperatorCondition")],
  leaves: [
    {
      kinds: [version, olmKind("InstallPlan"), olmKind("OperatorCondition"), olmKind("Operator")],
      rule: "installed-by-olm",
      reason: "OLM makes it when it installs the operator; operators are installed, not restored",
    },
  ],
  paths: [
    leads(subscription, "spec.source", catalogSource, {
      within: { path: "spec.sourceNamespace" },
      optional: true,
    }),
    leads(operatorGroup, "spec.serviceAccountName", kinds.serviceAccount),
    leads(catalogSource, "spec.secrets[*]", kinds.secret),
    leads(catalogSource, "spec.configMap", kinds.configMap),
    leads(catalogSource, "spec.image", "image"),
  ],
  children: partOfOperator,
  restoreRules: [
    startsClean("olm", [subscription, operatorGroup, catalogSource], "it names the installation of the old cluster"),
  ],
  order: [{ kind: subscription, after: [operatorGroup, catalogSource], why: "OLM installs nothing without them" }],
};

function partOfOperator(object: KubeObject): NotRestored | undefined {
  const { labels = {}, ownerReferences = [] } = object.metadata;
  const owner = ownerReferences.find((one) => one.kind === version.kind && one.apiVersion.startsWith(`${group}/`));
  const name = owner?.name ?? (labels["olm.owner.kind"] === version.kind ? labels["olm.owner"] : undefined);
  if (!name || isKind(object, kinds.claim)) return undefined;
  return { rule: "installed-by-olm", reason: `a part of operator ${name}: OLM makes it when it installs it` };
}

/** Operators that a restore of these objects has OLM install, and the version that ran. */
export function operatorsOf(all: ObjectSet): readonly { readonly subscription: KubeObject; readonly ran: string }[] {
  return all
    .ofKind(group, subscription.kind)
    .map((one) => ({ subscription: one, ran: String(one.status?.installedCSV ?? one.spec?.startingCSV ?? "") }));
}
