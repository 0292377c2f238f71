/** A bare target and a few objects, for tests of the checks. */
import { type KubeObject, refOf } from "../../flow/object.ts";
import type { Decided } from "../restore-decided.ts";
import { kindKey } from "../restore-facts.ts";
import { sampleObject, samplePoint, sampleTarget } from "../restore-sample.ts";
import type { PreflightInput } from "./check.ts";
import type { PreflightFacts } from "./facts.ts";
import { preflightFindings } from "./index.ts";

export const component = {
  sourceNamespace: "shop",
  restoreNamespace: "shop",
  flags: {},
  transforms: [],
  storageClassMap: {},
};

export function decidedFor(objects: readonly KubeObject[], of: Decided["component"] = component): readonly Decided[] {
  return objects.map((object) => {
    const ref = refOf(object);
    const decision = { ref, action: "create" as const, rule: "application", reason: "" };
    return { original: object, planned: object, ref, targetRef: ref, component: of, decision };
  });
}

export interface Case {
  readonly facts?: Partial<PreflightFacts>;
  readonly target?: Parameters<typeof sampleTarget>[0];
  readonly point?: Parameters<typeof samplePoint>[0];
}

/** What the checks say of these objects on a target with these facts. */
export function checked(
  objects: readonly KubeObject[],
  { facts = {}, target = {}, point = {} }: Case,
  of: Decided["component"] = component,
) {
  const known: PreflightFacts = { versions: new Map(), plurals: new Map(), unread: [], ...facts };
  const input: Omit<PreflightInput, "facts"> = {
    decided: decidedFor(objects, of),
    point: samplePoint({ ...point, namespaces: point.namespaces ?? [namespaceOf(objects)] }),
    target: sampleTarget({ ...target, preflight: known }),
    components: [of],
  };
  return preflightFindings(input);
}

function namespaceOf(objects: readonly KubeObject[]) {
  const [sample] = samplePoint().namespaces;
  const kinds = objects.map((object) => {
    const { group, kind } = refOf(object);
    const version = object.apiVersion.split("/").at(-1)!;
    return {
      group,
      version,
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: true,
      path: "",
      count: 1,
      bytes: 1,
      sha256: kindKey(group, kind),
    };
  });
  return { ...sample!, name: "shop", labels: {}, objects: { ...sample!.objects, kinds }, volumes: [] };
}

export function workload(name: string, pod: Record<string, unknown>, replicas = 1): KubeObject {
  const containers = [{ name: "main", image: "quay.io/team/app:1" }];
  return sampleObject("apps/v1", "Deployment", "shop", name, {
    spec: { replicas, template: { spec: { containers, ...pod } } },
  });
}

export function claim(name: string, spec: Record<string, unknown>): KubeObject {
  return sampleObject("v1", "PersistentVolumeClaim", "shop", name, { spec });
}
