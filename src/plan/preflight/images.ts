import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { type Check, gather, type PreflightInput } from "./check.ts";
import { digestOf, fullName, registryOf } from "./image-names.ts";
import { allContainers } from "./pods.ts";

const internalRegistry =
  /^image-registry\.openshift-image-registry\.svc(?::\d+)?$|^(?:docker-registry\.default|172\.30\.\d+\.\d+)/;

/** Can the nodes get the images? Told by what lies on nodes and by registries that running pods have pulled from. */
export const images: Check = (input) => {
  const used = new Map<string, string[]>();
  return {
    see({ pods, key }) {
      if (!input.facts.images) return;
      for (const { image } of pods?.specs.flatMap(allContainers) ?? []) {
        // "$(name)" and "{{name}}" are filled in by a controller.
        if (typeof image === "string" && image !== "" && !/[$ {}]/.test(image)) gather(used, image, key);
      }
    },
    findings: () => unreachable(used, input),
  };
};

function unreachable(used: ReadonlyMap<string, string[]>, input: PreflightInput): Finding[] {
  const { images: seen } = input.facts;
  if (!seen) return [];
  const digests = new Set([...seen.onNodes].flatMap((name) => digestOf(name) ?? []));
  const unseen = new Map<string, string[]>();
  const internal = new Map<string, string[]>();
  for (const [image, users] of used) {
    const digest = digestOf(image);
    if (seen.onNodes.has(fullName(image)) || (digest && digests.has(digest))) continue;
    const registry = registryOf(image);
    if (internalRegistry.test(registry) && isOtherCluster(input)) internal.set(image, users);
    else if (!seen.registries.has(registry)) gather(unseen, registry, image);
  }
  return [
    ...[...unseen].map(([registry, list]) => notSeen(registry, list)),
    ...[...internal].map(([image, users]) => notInside(image, users)),
  ];
}

function isOtherCluster({ facts, point }: PreflightInput): boolean {
  return facts.clusterUid === undefined || facts.clusterUid !== point.cluster.uid;
}

function notSeen(registry: string, list: readonly string[]): Finding {
  return {
    code: "IMAGE_NOT_SEEN",
    severity: "info",
    subject: registry,
    message: `no pod of the target is seen to pull from ${registry}; whether its nodes reach it cannot be told: ${someOf(list, 3)}`,
    advice: "see that the nodes reach the registry, or mirror the images and change their names by a transform",
  };
}

function notInside(image: string, users: readonly string[]): Finding {
  return {
    code: "INTERNAL_IMAGE_MISSING",
    severity: "warning",
    subject: image,
    message: `it lies in the registry inside the cluster of the point, and on no node here; ${someOf(users, 3)} need it`,
    advice: "push the image to the registry of this cluster (oc image mirror), or change the reference by a transform",
  };
}
