import type { ApiResource, KubeObject } from "../flow/object.ts";

/** An object as it was read, Secrets with their values: lives only while discovery runs. */
export interface Found {
  readonly resource: ApiResource;
  readonly object: KubeObject;
  readonly because?: string;
}
