import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { condition } from "../generic/readiness.ts";
import { isKind, kinds } from "../kinds.ts";
import { noted } from "../noted.ts";
import { leads } from "../paths.ts";
import type { GroupKind, NotRestored, Profile } from "../profile.ts";

const serving = (kind: string): GroupKind => ({ group: "serving.knative.dev", kind });
const service = serving("Service");
const mapping = serving("DomainMapping");
const internal = [
  "networking.internal.knative.dev",
  "autoscaling.internal.knative.dev",
  "caching.internal.knative.dev",
];

/** Knative Serving: only the root comes back, all below it is counted anew. */
export const knative: Profile = {
  name: "knative",
  about: {
    is: "Knative Services and domain mappings.",
    left: "Revisions, the Configurations and Routes of a Service, PodAutoscalers, Ingresses, certificates and image caches: the Service makes them.",
    keeps:
      "The Service with its template. Traffic that was pinned to an old revision goes to the newest, since no old one comes back; an annotation keeps how it was.",
    status: "It starts clean.",
  },
  kinds: [service, mapping, serving("Configuration"), serving("Route"), serving("Revision")],
  leaves: [
    {
      kinds: [serving("Revision"), ...internal.map((group) => ({ group, kind: "*" }))],
      rule: "runtime-kind",
      reason:
        "Knative makes it for the newest template; an old one would not fit the generations, which are counted anew",
    },
  ],
  paths: [leads(mapping, "spec.tls.secretName", kinds.secret)],
  children: partOfService,
  readiness: (object) => (isKind(object, service) || isKind(object, mapping) ? condition(object, "Ready") : undefined),
  restoreRules: [
    startsClean(
      "knative",
      [service, mapping, serving("Configuration"), serving("Route")],
      "its addresses and revisions are those of the old cluster",
    ),
    {
      id: "knative-author",
      kinds: [service, serving("Configuration"), serving("Route")],
      why: "its webhook writes who made it, and refuses another name",
      annotations: ["serving.knative.dev/creator", "serving.knative.dev/lastModifier"],
    },
    {
      id: "knative-traffic",
      kinds: [service],
      why: "old revisions do not come back: traffic that was pinned to one would reach nothing",
      change: unpin,
    },
  ],
  order: [{ kind: mapping, after: [service], why: "it leads to a Service" }],
};

/** Also where the owner reference was lost: the label names the Service. */
function partOfService(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, serving("Configuration")) && !isKind(object, serving("Route"))) return undefined;
  const owner = object.metadata.labels?.["serving.knative.dev/service"];
  return owner ? { rule: "child-of-controller", reason: `Service/${owner} makes it again` } : undefined;
}

/** A revision that the template names itself is made again by this name. */
function unpin(object: KubeObject): KubeObject {
  const traffic: any[] = object.spec?.traffic ?? [];
  const own = object.spec?.template?.metadata?.name;
  const isOld = (one: any) => one.revisionName && one.revisionName !== own;
  if (!traffic.some(isOld)) return object;
  noted(object, "traffic", traffic);
  const kept = traffic.filter((one) => !isOld(one));
  const share = traffic.filter(isOld).reduce((sum, one) => sum + (one.percent ?? 0), 0);
  const newest = kept.find((one) => one.latestRevision);
  if (newest) newest.percent = (newest.percent ?? 0) + share;
  else kept.push({ latestRevision: true, percent: share });
  object.spec.traffic = kept;
  return object;
}
