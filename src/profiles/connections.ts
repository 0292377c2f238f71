import { kinds } from "./kinds.ts";
import { annotation, leads } from "./paths.ts";
import type { Profile } from "./profile.ts";

/** Secrets by which applications reach what lies outside of the cluster. Which buckets they open is in connection.ts. */
export const connections: Profile = {
  name: "connections",
  about: {
    is: "Connections: Secrets that name a bucket, a URI or a registry with its keys.",
  },
  kinds: [kinds.secret],
  paths: [
    leads(kinds.secret, annotation("opendatahub.io/connection-type-ref"), kinds.configMap, {
      rule: "connection.type",
      optional: true, // in the platform's own namespace
    }),
  ],
};
