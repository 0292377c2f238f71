import { describe, expect, it } from "vitest";
import { sampleObject } from "../restore-sample.ts";
import type { PlatformFact } from "./facts.ts";
import { checked } from "./preflight.sample.ts";

const service = sampleObject("serving.kserve.io/v1beta1", "InferenceService", "shop", "iris", { spec: {} });
const registry = sampleObject("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", "shop", "registry", {
  spec: {},
});

function said(platform: Partial<PlatformFact>, ...objects: (typeof service)[]) {
  const known = { name: "default-dsc", components: { kserve: "Managed", modelregistry: "Managed" }, ...platform };
  return checked(objects, { facts: { platform: known } }).map(({ code, severity }) => [code, severity]);
}

describe("the platform's own settings", () => {
  it("tell where registries are refused, and hold the restore back", () => {
    expect(said({ registriesNamespace: "registries" }, registry)).toEqual([["REGISTRY_NAMESPACE_REFUSED", "error"]]);
    expect(said({ registriesNamespace: "shop" }, registry)).toEqual([]);
  });

  it("tell which components are off, of kinds that come back", () => {
    const off = { components: { kserve: "Removed", modelregistry: "Removed" } };
    expect(said(off, service)).toEqual([["PLATFORM_COMPONENT_OFF", "warning"]]);
    expect(said({ components: { kserve: "Unmanaged" } }, service)).toEqual([]);
    expect(said({ components: {} }, service)).toEqual([]); // a version that has no such switch
  });

  it("tell where Services of endpoints are of another sort than in the point", () => {
    const differ = { services: "Headless", servicesBefore: "Headed" };
    expect(said(differ, service)).toEqual([["ENDPOINT_SERVICES_DIFFER", "warning"]]);
    expect(said(differ, registry)).toEqual([]);
    expect(said({ services: "Headless", servicesBefore: "Headless" }, service)).toEqual([]);
    expect(said({ services: "Headless" }, service)).toEqual([]);
  });
});
