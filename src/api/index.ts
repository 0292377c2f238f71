/** Holdfast's custom resources. The schemas are the source of CRDs, validation, samples and the reference. */
export { customResourceDefinitions } from "./generate/crd.ts";
export { kindResource } from "./resources.ts";
