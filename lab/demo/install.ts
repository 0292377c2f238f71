import { readFile } from "node:fs/promises";
import { buildImage } from "../../deploy/image/build.ts";
import { registry } from "../network.ts";
import { readLab } from "../lab-file.ts";
import { sourceDir } from "../paths.ts";
import { kubectl, kubectlApply } from "./kubectl.ts";

const repository = (...below: string[]) => sourceDir("..", ...below);

/** Builds the image, pushes it to the lab's registry, applies deploy/install.yaml with it, waits for the operator. */
export async function installHoldfast(): Promise<string> {
  const image = await buildImage({ registry, tag: "demo" });
  const manifest = await readFile(repository("deploy", "install.yaml"), "utf8");
  await kubectlApply(manifest.replaceAll(/\bholdfast:\d+\.\d+\.\d+\b/g, image));
  await kubectl("-n", "holdfast-system", "rollout", "status", "deployment/holdfast-operator", "--timeout=180s");
  return image;
}

/** What a person keeps outside of the cluster: where the points are, and the key without which nobody can read them. */
export interface KeptPlace {
  readonly prefix: string;
  readonly key: string;
}

/**
 * The Target of the walkthrough with the keys of the lab's backup store. A new cluster gets a part of the bucket of its own,
 * since earlier clusters' points lie there too; with `kept` it is connected to the part of a cluster that is gone.
 */
export async function connectTarget(kept?: KeptPlace): Promise<void> {
  const { targetS3 } = readLab();
  const prefix = kept?.prefix ?? (await prefixInUse()) ?? `lab-${Date.now().toString(36)}`;
  const target = (await readFile(repository("examples", "walkthrough", "1-target.yaml"), "utf8"))
    .replace(/url: .*/, `url: ${targetS3.endpoint}`)
    .replace(/bucketName: .*/, `bucketName: ${targetS3.bucket}\n    prefix: ${prefix}`);
  await kubectlApply(
    secret("lab-target-credentials", { accessKey: targetS3.accessKey, secretKey: targetS3.secretKey }),
  );
  if (kept) await kubectlApply(secret("holdfast-key-lab-target", { key: kept.key }));
  await kubectlApply(target);
  await kubectl(...system, "wait", "--for=jsonpath={.status.status}=Available", "target/lab-target", "--timeout=180s");
}

/** To be asked while the cluster still stands. */
export async function keepPlace(): Promise<KeptPlace> {
  const prefix = await prefixInUse();
  if (!prefix) throw new Error("there is no Target lab-target to come back to");
  const encoded = await kubectl(...system, "get", "secret", "holdfast-key-lab-target", "-o", "jsonpath={.data.key}");
  return { prefix, key: Buffer.from(encoded, "base64").toString("utf8") };
}

const system = ["-n", "holdfast-system"];

async function prefixInUse(): Promise<string | undefined> {
  const path = "jsonpath={.spec.objectStoreCredentials.prefix}";
  const prefix = await kubectl(...system, "get", "target", "lab-target", "--ignore-not-found", "-o", path);
  return prefix === "" ? undefined : prefix;
}

function secret(name: string, data: Record<string, string>): string {
  const encoded = Object.entries(data).map(([field, value]) => [field, Buffer.from(value).toString("base64")]);
  const metadata = { name, namespace: "holdfast-system" };
  return JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, data: Object.fromEntries(encoded) });
}

export async function applyExample(file: string): Promise<void> {
  await kubectlApply(await readFile(repository("examples", "walkthrough", file), "utf8"));
}
