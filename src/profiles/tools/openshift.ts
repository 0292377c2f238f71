import type { KubeObject } from "../../flow/object.ts";
import { condition } from "../generic/readiness.ts";
import { isKind, kinds } from "../kinds.ts";
import { noted } from "../noted.ts";
import { leads } from "../paths.ts";
import type { GroupKind, NotRestored, Profile, Readiness, Reference } from "../profile.ts";

const security: GroupKind = { group: "security.openshift.io", kind: "SecurityContextConstraints" };
const build = (kind: string): GroupKind => ({ group: "build.openshift.io", kind });
const buildConfig = build("BuildConfig");
const deploymentConfig: GroupKind = { group: "apps.openshift.io", kind: "DeploymentConfig" };
const templateInstance: GroupKind = { group: "template.openshift.io", kind: "TemplateInstance" };
const imageStream: GroupKind = { group: "image.openshift.io", kind: "ImageStream" };

/** What OpenShift adds to Kubernetes, beside routes and what it puts into namespaces (platform-config). */
export const openShift: Profile = {
  name: "openshift",
  about: {
    is: "Builds, DeploymentConfigs, Templates and security context constraints of OpenShift.",
    left: "Builds and TemplateInstances: written back, they would run again. ReplicationControllers and deployer Pods of a DeploymentConfig. Constraints that OpenShift ships.",
    keeps:
      "BuildConfigs, DeploymentConfigs, Templates, ImageStreams with their tags; constraints that somebody made, where the target lacks them.",
    status: "They start clean.",
    held: "A BuildConfig builds nothing when it comes back, nor when an image changes; an annotation keeps its triggers.",
  },
  kinds: [security, buildConfig, build("Build"), deploymentConfig, templateInstance, imageStream],
  leaves: [
    {
      kinds: [build("Build")],
      rule: "finished-run",
      reason: "a build runs once; written back, it would run again. Its image is in its stream or registry",
    },
    {
      kinds: [templateInstance],
      rule: "finished-run",
      reason: "it made its objects once; written back, it would make them again. They come back by themselves",
    },
  ],
  paths: [
    ...["sourceStrategy", "dockerStrategy", "customStrategy"].flatMap((strategy) => [
      leads(buildConfig, `spec.strategy.${strategy}.pullSecret.name`, kinds.secret, { optional: true }),
    ]),
    leads(buildConfig, "spec.source.sourceSecret.name", kinds.secret),
    leads(buildConfig, "spec.source.secrets[*].secret.name", kinds.secret),
    leads(buildConfig, "spec.source.configMaps[*].configMap.name", kinds.configMap),
    leads(buildConfig, "spec.source.git.uri", "uri"),
    leads(buildConfig, "spec.output.pushSecret.name", kinds.secret, { optional: true }),
    leads(buildConfig, "spec.serviceAccount", kinds.serviceAccount, { optional: true }),
  ],
  references: (object) => [...constraintsOf(object), ...streamsOf(object)],
  children: shipped,
  readiness,
  restoreRules: [
    {
      id: "build-config-quiet",
      kinds: [buildConfig],
      why: "it would build as soon as it is created; nothing runs by itself after a restore",
      change: takeTriggers,
    },
  ],
  order: [
    { kind: buildConfig, after: [imageStream, kinds.secret], why: "it reads and writes image streams" },
    {
      kind: deploymentConfig,
      after: [imageStream, kinds.secret, kinds.configMap, kinds.claim],
      why: "its pods start at once",
    },
  ],
};

/** The right to use constraints, in a role; and the constraints by which a pod was let in. */
function constraintsOf(object: KubeObject): readonly Reference[] {
  const names = new Set<string>();
  if (isKind(object, kinds.role) || isKind(object, kinds.clusterRole)) {
    for (const rule of object.rules ?? [])
      if (rule.apiGroups?.includes(security.group) && rule.resources?.includes("securitycontextconstraints"))
        for (const name of rule.resourceNames ?? []) names.add(name);
  }
  const used = isKind(object, kinds.pod) ? object.metadata.annotations?.["openshift.io/scc"] : undefined;
  if (used) names.add(used);
  return [...names].map((name) => ({
    to: { ...security, name },
    kind: "needs",
    rule: "openshift.scc",
    optional: true,
  }));
}

/** Image streams that a build reads or writes: "python:3.11" of a namespace. */
function streamsOf(object: KubeObject): readonly Reference[] {
  if (!isKind(object, buildConfig)) return [];
  const { strategy = {}, output = {} } = object.spec ?? {};
  const ends = [strategy.sourceStrategy, strategy.dockerStrategy, strategy.customStrategy].map((one) => one?.from);
  return [...ends, output.to]
    .filter((one) => one?.kind === "ImageStreamTag" && one.name)
    .map(({ name, namespace = object.metadata.namespace }) => ({
      to: { ...imageStream, namespace, name: String(name).split(":")[0] ?? "" },
      kind: "needs",
      rule: "buildConfig.imageStream",
      optional: true,
    }));
}

function shipped(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, security)) return undefined;
  const { annotations = {}, name } = object.metadata;
  const isShipped = Object.keys(annotations).some((key) => key.startsWith("include.release.openshift.io/"));
  return isShipped
    ? { rule: "injected", reason: `every OpenShift cluster has its own constraints ${name}` }
    : undefined;
}

function readiness(object: KubeObject): Readiness | undefined {
  if (!isKind(object, deploymentConfig)) return undefined;
  if (object.spec?.replicas === 0) return "ready";
  return condition(object, "Available");
}

function takeTriggers(object: KubeObject): KubeObject {
  const triggers: any[] = object.spec?.triggers ?? [];
  const left = triggers.filter((one) => one.type !== "ConfigChange" && one.type !== "ImageChange");
  if (left.length === triggers.length) return object;
  noted(object, "triggers", triggers);
  object.spec.triggers = left;
  return object;
}

/** Tags whose image was pushed into the cluster's own registry: nothing else has it, and no import brings it back. */
export function pushedTagsOf({ spec, status }: KubeObject): readonly string[] {
  const imported = new Set(
    (spec?.tags ?? []).filter((one: any) => one.from?.kind === "DockerImage").map((one: any) => one.name),
  );
  const tags: any[] = status?.tags ?? [];
  return tags.filter((one) => one.items?.length > 0 && !imported.has(one.tag)).map(({ tag }) => tag);
}
