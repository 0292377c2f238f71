import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { isKind, kinds } from "../kinds.ts";
import { noted } from "../noted.ts";
import { leads } from "../paths.ts";
import type { GroupKind, Profile, Reference } from "../profile.ts";

const argo = (kind: string): GroupKind => ({ group: "argoproj.io", kind });
const application = argo("Application");
const applicationSet = argo("ApplicationSet");
const project = argo("AppProject");
const flux = (part: string, kind: string): GroupKind => ({ group: `${part}.toolkit.fluxcd.io`, kind });
const kustomization = flux("kustomize", "Kustomization");
const helmRelease = flux("helm", "HelmRelease");
const automation = flux("image", "ImageUpdateAutomation");
const sources = ["GitRepository", "HelmRepository", "HelmChart", "OCIRepository", "Bucket"].map((kind) =>
  flux("source", kind),
);

/** Argo CD and Flux. What they own is in Git; what has come to the cluster since, and its data, is not. */
export const gitops: Profile = {
  name: "gitops",
  about: {
    is: "Argo CD's Applications and Flux's Kustomizations and HelmReleases, and what they apply.",
    left: "Nothing: what they own comes back as it was at the time of the point, also where no Git server answers.",
    keeps:
      "An Application's history; a Kustomization's list of what it applied, by which it prunes; a HelmRelease's history.",
    status: "Sources, AppProjects and the rest of an Application start clean.",
    held: "Automatic sync is off, Kustomizations, HelmReleases and image automation are suspended: else they would change what has just come back to what Git says now. Annotations keep the settings.",
  },
  kinds: [application, applicationSet, project, kustomization, helmRelease, automation, ...sources],
  paths: [
    leads(application, "spec.project", project, { optional: true }),
    leads(application, "spec.source.repoURL", "uri"),
    leads(application, "spec.sources[*].repoURL", "uri"),
    ...[kustomization, helmRelease].flatMap((one) => [
      leads(one, "spec.kubeConfig.secretRef.name", kinds.secret),
      leads(one, "spec.serviceAccountName", kinds.serviceAccount),
    ]),
    leads(kustomization, "spec.decryption.secretRef.name", kinds.secret),
    ...["GitRepository", "HelmRepository", "OCIRepository"].flatMap((kind) => [
      leads(flux("source", kind), "spec.secretRef.name", kinds.secret),
      leads(flux("source", kind), "spec.url", "uri"),
    ]),
    ...["HelmRepository", "OCIRepository", "Bucket"].map((kind) =>
      leads(flux("source", kind), "spec.certSecretRef.name", kinds.secret),
    ),
    ...["GitRepository", "HelmChart", "OCIRepository"].map((kind) =>
      leads(flux("source", kind), "spec.verify.secretRef.name", kinds.secret),
    ),
    leads(flux("source", "Bucket"), "spec.secretRef.name", kinds.secret),
  ],
  references: (object) => [...sourceOf(object), ...valuesOf(object)],
  restoreRules: [
    startsClean("gitops-source", [project, applicationSet, ...sources], "what was fetched lies in the old cluster"),
    {
      id: "gitops-sync-off",
      kinds: [application, applicationSet],
      why: "it would change what has just come back to what Git says now; a sync that was under way would run again",
      change: turnOffSync,
    },
    {
      id: "gitops-suspended",
      kinds: [kustomization, helmRelease, automation],
      why: "it would change what has just come back to what Git says now",
      change: suspend,
    },
  ],
  order: [application, kustomization, helmRelease].map((kind) => ({
    kind,
    after: [project, ...sources, kinds.secret, kinds.configMap, kinds.serviceAccount],
    why: "it reads them at once",
  })),
};

/** Who applies an object from Git: "Argo CD application x"; undefined where nobody does. */
export function gitOwnerOf({ metadata }: KubeObject): string | undefined {
  const { labels = {}, annotations = {} } = metadata;
  const argoName =
    annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
  if (argoName) return `Argo CD application ${argoName}`;
  for (const [part, kind] of Object.entries({ kustomize: "Kustomization", helm: "HelmRelease" })) {
    const name = labels[`${part}.toolkit.fluxcd.io/name`];
    if (name) return `Flux ${kind} ${labels[`${part}.toolkit.fluxcd.io/namespace`] ?? ""}/${name}`;
  }
  return undefined;
}

/** A source is named with its kind, and lies in the namespace where nothing else is said. */
function sourceOf(object: KubeObject): readonly Reference[] {
  const { namespace: own } = object.metadata;
  const refs: any[] = isKind(object, kustomization)
    ? [object.spec?.sourceRef]
    : isKind(object, helmRelease)
      ? [object.spec?.chart?.spec?.sourceRef, object.spec?.chartRef]
      : [];
  return refs
    .filter((ref) => ref?.kind && ref.name)
    .map(({ kind, name, namespace = own }) => ({
      to: { ...flux("source", kind), namespace, name },
      kind: "needs",
      rule: "flux.sourceRef",
    }));
}

/** ConfigMaps and Secrets that fill in values, named with their kind. */
function valuesOf(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  const refs: any[] = isKind(object, kustomization)
    ? (object.spec?.postBuild?.substituteFrom ?? [])
    : isKind(object, helmRelease)
      ? (object.spec?.valuesFrom ?? [])
      : [];
  return refs
    .filter((ref) => ref?.kind && ref.name)
    .map(({ kind, name, optional }) => ({
      to: { group: "", kind, namespace, name },
      kind: "reads",
      rule: "flux.valuesFrom",
      ...(optional ? { optional } : {}),
    }));
}

function turnOffSync(object: KubeObject): KubeObject {
  delete object.operation;
  if (isKind(object, application)) {
    const history = object.status?.history;
    if (history?.length) object.status = { history };
    else delete object.status;
  }
  const spec = isKind(object, application) ? object.spec : object.spec?.template?.spec;
  const automated = spec?.syncPolicy?.automated;
  if (!automated) return object;
  delete spec.syncPolicy.automated;
  return noted(object, "sync-policy-automated", automated);
}

function suspend(object: KubeObject): KubeObject {
  object.spec ??= {};
  if (object.spec.suspend === true) return object;
  object.spec.suspend = true;
  return noted(object, "suspend", "false");
}
