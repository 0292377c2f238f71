import type { Methods } from "./csi.ts";

/** The Identity service. */
export const identityMethods = (name: string, version: string, groups: boolean): Methods => ({
  GetPluginInfo: async () => ({ name, vendorVersion: version }),
  GetPluginCapabilities: async () => ({
    capabilities: [
      { service: { type: "CONTROLLER_SERVICE" } },
      ...(groups ? [{ service: { type: "GROUP_CONTROLLER_SERVICE" } }] : []),
      { volumeExpansion: { type: "ONLINE" } },
    ],
  }),
  Probe: async () => ({ ready: { value: true } }),
});
