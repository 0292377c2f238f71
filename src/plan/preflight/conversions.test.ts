import { describe, expect, it } from "vitest";
import { sampleObject } from "../restore-sample.ts";
import { changeOfVersion } from "./conversions.ts";

const to = (apiVersion: string, kind: string, rest: Record<string, unknown>, served: string[]) =>
  changeOfVersion(sampleObject(apiVersion, kind, "shop", "x", rest), served, false)?.object;

describe("the conversion of an object", () => {
  it("keeps what a disruption budget meant by an empty selector", () => {
    const budget = (selector: object) =>
      to("policy/v1beta1", "PodDisruptionBudget", { spec: { selector } }, ["v1"])?.spec.selector;
    expect(budget({})).toEqual({
      matchExpressions: [{ key: "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match", operator: "Exists" }],
    });
    expect(budget({ matchLabels: { a: "b" } })).toEqual({ matchLabels: { a: "b" } });
  });

  it("rewrites the backends of an Ingress", () => {
    const spec = {
      backend: { serviceName: "a", servicePort: 80 },
      rules: [{ http: { paths: [{ path: "/x", backend: { serviceName: "b", servicePort: "http" } }] } }],
    };
    const made = to("networking.k8s.io/v1beta1", "Ingress", { spec }, ["v1"])!;
    expect(made.apiVersion).toBe("networking.k8s.io/v1");
    expect(made.spec.backend).toBeUndefined();
    expect(made.spec.defaultBackend).toEqual({ service: { name: "a", port: { number: 80 } } });
    expect(made.spec.rules[0].http.paths).toEqual([
      { path: "/x", pathType: "ImplementationSpecific", backend: { service: { name: "b", port: { name: "http" } } } },
    ]);
  });

  it("makes metrics of old goals, and names the group of what is scaled", () => {
    const spec = { scaleTargetRef: { kind: "Deployment", name: "w" }, targetCPUUtilizationPercentage: 80 };
    expect(to("autoscaling/v1", "HorizontalPodAutoscaler", { spec }, ["v2"])?.spec).toEqual({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "w" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    });
  });

  it("puts requests for devices under exactly, and leaves alternatives", () => {
    const requests = [
      { name: "a", deviceClassName: "gpu", count: 2 },
      { name: "b", firstAvailable: [{ name: "x" }] },
    ];
    expect(
      to("resource.k8s.io/v1beta1", "ResourceClaim", { spec: { devices: { requests } } }, ["v1"])?.spec.devices
        .requests,
    ).toEqual([
      { name: "a", exactly: { deviceClassName: "gpu", count: 2 } },
      { name: "b", firstAvailable: [{ name: "x" }] },
    ]);
  });

  it("changes nothing that is served, and guesses at nothing that is built in", () => {
    expect(to("autoscaling/v1", "HorizontalPodAutoscaler", {}, ["v2", "v1"])).toBeUndefined();
    expect(to("apps/v9", "Deployment", {}, ["v1"])).toBeUndefined();
    const custom = sampleObject("example.com/v1", "Train", "shop", "t", { spec: { cars: 1 } });
    expect(changeOfVersion(custom, ["v3", "v2"], true)).toMatchObject({
      known: false,
      object: { apiVersion: "example.com/v3", spec: { cars: 1 } },
    });
    expect(custom.apiVersion).toBe("example.com/v1");
    expect(changeOfVersion(custom, [], true)).toBeUndefined();
  });
});
