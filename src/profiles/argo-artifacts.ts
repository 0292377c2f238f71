import { parse } from "yaml";
import { type KubeObject, refOf } from "../flow/object.ts";
import { connectionFor, connectionOf, connectionsOf, endpointUrl } from "./connection.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { valuesAt } from "./paths.ts";
import type { BucketUse, GroupKind } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** The ConfigMap in which Argo looks for a repository where a Workflow names none. */
const usual = "artifact-repositories";

/** The buckets in which Workflows keep their artifacts, as ConfigMaps of their namespaces describe them. */
export function artifactUses(kindsOfRuns: readonly GroupKind[], all: ObjectSet): readonly BucketUse[] {
  const named = new Map<string, KubeObject>();
  for (const { group, kind } of kindsOfRuns) {
    for (const run of all.ofKind(group, kind)) {
      const { namespace } = run.metadata;
      const names = [
        ...valuesAt(run, "spec.artifactRepositoryRef.configMap"),
        ...valuesAt(run, "spec.workflowSpec.artifactRepositoryRef.configMap"),
        usual,
      ];
      for (const name of names) {
        const config = all.get({ ...kinds.configMap, namespace, name: String(name) });
        if (config) named.set(`${namespace}/${name}`, config);
      }
    }
  }
  return [...named.values()].flatMap((config) =>
    Object.values<unknown>(config.data ?? {}).flatMap((text) => useOfRepository(config, text, all)),
  );
}

function useOfRepository(config: KubeObject, text: unknown, all: ObjectSet): readonly BucketUse[] {
  const s3 = bucketIn(text);
  if (!s3) return [];
  const { namespace = "", name } = config.metadata;
  const { name: secretName, key: field } = s3.accessKeySecret ?? {};
  const secret = secretName ? all.get({ ...kinds.secret, namespace, name: secretName }) : undefined;
  const key = secret && field ? valueOf(secret, field) : undefined;
  const connection =
    connectionOf(secret) ??
    connectionsOf(all).find((one) => key !== undefined && one.accessKey === key) ??
    connectionFor(s3.bucket, namespace, all);
  const endpoint = s3.endpoint && endpointUrl(`${s3.insecure ? "http" : "https"}://${s3.endpoint}`);
  return [
    {
      bucket: s3.bucket,
      prefix: beginOf(String(s3.keyFormat ?? s3.keyPrefix ?? "")),
      because: `Workflows of ${namespace} keep their artifacts there (ConfigMap ${name})`,
      by: refOf(config),
      endpoint: endpoint || connection?.endpoint,
      region: s3.region || connection?.region,
      ...(connection ? { credentials: connection.credentials } : {}),
    },
  ];
}

function bucketIn(text: unknown): (Record<string, any> & { readonly bucket: string }) | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const s3 = parse(text)?.s3;
    return typeof s3?.bucket === "string" && s3.bucket !== "" ? s3 : undefined;
  } catch {
    return undefined; // another setting, or a broken one
  }
}

/** The folders that are the same for all runs: "runs/{{workflow.name}}/{{pod.name}}" -> "runs". */
function beginOf(format: string): string {
  const fixed = format.split("{{")[0] ?? "";
  return (format.includes("{{") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : fixed).replace(/^\/+|\/+$/g, "");
}
