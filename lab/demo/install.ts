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

/** The Target of the walkthrough, with the keys of the lab's backup store; and the target's own key where one is given. */
export async function connectTarget(key?: string): Promise<void> {
  const { targetS3 } = readLab();
  const target = (await readFile(repository("examples", "walkthrough", "1-target.yaml"), "utf8"))
    .replace(/url: .*/, `url: ${targetS3.endpoint}`)
    .replace(/bucketName: .*/, `bucketName: ${targetS3.bucket}`);
  const secret = (name: string, data: Record<string, string>) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "holdfast-system" },
      data: Object.fromEntries(
        Object.entries(data).map(([field, value]) => [field, Buffer.from(value).toString("base64")]),
      ),
    });
  await kubectlApply(
    secret("lab-target-credentials", { accessKey: targetS3.accessKey, secretKey: targetS3.secretKey }),
  );
  if (key) await kubectlApply(secret("holdfast-key-lab-target", { key }));
  await kubectlApply(target);
  await kubectl(
    "-n",
    "holdfast-system",
    "wait",
    "--for=jsonpath={.status.status}=Available",
    "target/lab-target",
    "--timeout=180s",
  );
}

/** What a person keeps outside of the cluster: without it nobody can read the target. */
export async function targetKey(): Promise<string> {
  const encoded = await kubectl(
    "-n",
    "holdfast-system",
    "get",
    "secret",
    "holdfast-key-lab-target",
    "-o",
    "jsonpath={.data.key}",
  );
  return Buffer.from(encoded, "base64").toString("utf8");
}

export async function applyExample(file: string): Promise<void> {
  await kubectlApply(await readFile(repository("examples", "walkthrough", file), "utf8"));
}
