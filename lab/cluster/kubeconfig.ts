import { mkdirSync, readFileSync } from "node:fs";
import { stringify } from "yaml";
import { network } from "../network.ts";
import { labDir } from "../paths.ts";
import { writeConfig } from "../run/files.ts";
import { ensureCertificate } from "./pki.ts";

export const serverUrl = `https://${network.bridgeAddress}:${network.apiServerPort}`;

/** Makes a kubeconfig with a client certificate for a user of the given group; returns its path. */
export async function ensureKubeconfig(name: string, user: string, group?: string): Promise<string> {
  const made = await ensureCertificate({ name: `client-${name}`, commonName: user, organization: group });
  const base64 = (file: string) => readFileSync(file).toString("base64");
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "holdfast-lab",
    clusters: [{ name: "holdfast-lab", cluster: { server: serverUrl, "certificate-authority-data": base64(made.ca) } }],
    contexts: [{ name: "holdfast-lab", context: { cluster: "holdfast-lab", user: name } }],
    users: [
      {
        name,
        user: { "client-certificate-data": base64(made.certificate), "client-key-data": base64(made.key) },
      },
    ],
  });
  const file = labDir("kubeconfig", `${name}.yaml`);
  mkdirSync(labDir("kubeconfig"), { recursive: true, mode: 0o700 });
  writeConfig(file, text, 0o600);
  return file;
}
