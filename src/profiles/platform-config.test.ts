import { describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../flow/object.ts";
import { notRestored, referencesOf, restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { sample } from "./walkthrough.sample.ts";

const ns = "rhoai-demo";
const ruleOf = (object: KubeObject, ...others: KubeObject[]) =>
  notRestored(object, objectSet([object, ...others]))?.rule;
const account = (name: string, ...secrets: string[]) =>
  sample("v1", "ServiceAccount", ns, name, { secrets: secrets.map((one) => ({ name: one })) });
const binding = (name: string) =>
  sample("rbac.authorization.k8s.io/v1", "RoleBinding", ns, name, { roleRef: { kind: "ClusterRole", name: "edit" } });

describe("what OpenShift and OpenShift AI put into namespaces", () => {
  it("leaves out the ServiceAccounts that OpenShift makes, unless a person added to them", () => {
    expect(ruleOf(account("builder", "builder-dockercfg-x2x"))).toBe("injected");
    expect(ruleOf(account("deployer", "deployer-dockercfg-x2x", "my-registry"))).toBeUndefined();
    expect(ruleOf(account("builder"))).toBeUndefined(); // a person's own, on another Kubernetes
    expect(ruleOf(account("pipeline", "pipeline-dockercfg-1"), binding("openshift-pipelines-edit"))).toBe("injected");
    expect(ruleOf(account("pipeline", "pipeline-dockercfg-1"))).toBeUndefined();
    expect(ruleOf(binding("system:image-pullers"))).toBe("injected");
    expect(ruleOf(binding("my-people"))).toBeUndefined();
  });

  it("leaves out CA bundles and certificates of this cluster", () => {
    for (const name of ["openshift-service-ca.crt", "odh-trusted-ca-bundle", "workbench-trusted-ca-bundle"])
      expect(ruleOf(sample("v1", "ConfigMap", ns, name))).toBe("injected");
    const annotations = { "service.beta.openshift.io/originating-service-name": "web" };
    expect(ruleOf(sample("v1", "Secret", ns, "web-tls", {}, { annotations }))).toBe("issued-secret");
    const config = sample("v1", "Secret", ns, "ds-pipeline-config");
    const group = "datasciencepipelinesapplications.opendatahub.io/v1";
    expect(ruleOf(config, sample(group, "DataSciencePipelinesApplication", ns, "dspa"))).toBe("generated");
    expect(ruleOf(config)).toBeUndefined();
  });

  it("drops a Route's generated host, and keeps a chosen one", () => {
    const route = (annotations: Record<string, string>) =>
      sample(
        "route.openshift.io/v1",
        "Route",
        ns,
        "web",
        { spec: { host: "web-rhoai-demo.apps.old.example.com", to: { kind: "Service", name: "web" } } },
        { annotations },
      );
    const hostOf = (object: KubeObject) => prepare(object, restoreRules).object.spec.host;
    expect(hostOf(route({ "openshift.io/host.generated": "true" }))).toBeUndefined();
    expect(hostOf(route({}))).toBe("web-rhoai-demo.apps.old.example.com");
    expect(referencesOf(route({}), objectSet([])).map((one) => refKey(one.to))).toEqual(["Service rhoai-demo/web"]);
  });

  it("has an ImageStream imported again", () => {
    const annotations = { "openshift.io/image.dockerRepositoryCheck": "2026-11-20T10:00:00Z" };
    const spec = { tags: [{ name: "1", from: { kind: "DockerImage", name: "quay.io/a/b:1" } }] };
    const stream = sample("image.openshift.io/v1", "ImageStream", ns, "bench", { spec, status: {} }, { annotations });
    const { object } = prepare(stream, restoreRules);
    expect([object.spec, object.status, object.metadata.annotations]).toEqual([spec, undefined, undefined]);
  });
});
