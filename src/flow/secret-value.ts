import type { KubeObject } from "./object.ts";

/** The value of a key of a Secret in the clear, to the byte as it was stored; undefined where there is none. */
export function secretValue(secret: KubeObject | undefined, key: string): string | undefined {
  const encoded: unknown = secret?.data?.[key];
  return typeof encoded === "string" ? Buffer.from(encoded, "base64").toString("utf8") : undefined;
}

/** The value of an environment variable that a container of a pod has in plain text. */
export function plainEnvValue(
  pod: KubeObject | undefined,
  { container, name }: { readonly container: string; readonly name: string },
): string | undefined {
  const found = (pod?.spec?.containers ?? []).find((one: { name: string }) => one.name === container);
  return (found?.env ?? []).find((one: { name: string }) => one.name === name)?.value;
}

/** What the two keys of a bucket are called: by most, by KServe, by pipeline servers and MinIO. */
export const bucketKeyNames = [
  ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  ["awsAccessKeyID", "awsSecretAccessKey"],
  ["accesskey", "secretkey"],
] as const;

/** The keys that a Secret made for a bucket holds, by a claim's provisioner or by a person. */
export function bucketKeysOf(secret: KubeObject | undefined): { accessKey: string; secretKey: string } | undefined {
  for (const [access, hidden] of bucketKeyNames) {
    const accessKey = secretValue(secret, access)?.trim();
    const secretKey = secretValue(secret, hidden)?.trim();
    if (accessKey && secretKey) return { accessKey, secretKey };
  }
  return undefined;
}
