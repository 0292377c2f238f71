/** A real validating webhook: an HTTPS server of the test with an authority of its own, asked by the real API server. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubeObject } from "../../src/flow/object.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { temporary } from "./store-kit.ts";

const configurations = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingwebhookconfigurations",
};

export interface Webhook {
  answer: "allow" | "deny" | "error";
  asked: number;
  stop(): Promise<void>;
}

/** Is asked about each creation of these resources in the namespace. */
export async function startWebhook(
  client: KubeClient,
  name: string,
  resources: readonly string[],
  namespace: string,
): Promise<Webhook> {
  const { key, certificate } = await selfSigned();
  const webhook: Webhook = {
    answer: "allow",
    asked: 0,
    async stop() {
      await client.remove(configurations, name);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  const server = createServer({ key, cert: certificate }, async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    webhook.asked++;
    if (webhook.answer === "error") return void outgoing.writeHead(500).end("out of order");
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const allowed = webhook.answer === "allow";
    const response = { uid, allowed, ...(allowed ? {} : { status: { message: "not today", code: 403 } }) };
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await client.create(configurations, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: `${name}.holdfast.test`,
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(certificate).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        timeoutSeconds: 5,
      },
    ],
  });
  // The API server takes it up within a second, not at once.
  const probe = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "probe", namespace } };
  const bare = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "probe", namespace },
    spec: { ports: [{ port: 1 }] },
  };
  const [resource, object] = resources.includes("services")
    ? [{ group: "", version: "v1", plural: "services", namespaced: true }, bare]
    : [{ group: "", version: "v1", plural: "configmaps", namespaced: true }, probe];
  for (let count = 0; webhook.asked === 0 && count < 100; count++) {
    await client.create(resource, object, { dryRun: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return webhook;
}

/** A real mutating webhook: `change` gives the JSON Patch for each object of the kind that is created in the namespace. */
export async function startMutatingWebhook(
  client: KubeClient,
  name: string,
  of: { readonly group: string; readonly version: string; readonly plural: string },
  change: (object: KubeObject) => readonly object[],
): Promise<{ stop(): Promise<void> }> {
  const { key, certificate } = await selfSigned();
  const server = createServer({ key, cert: certificate }, async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { uid, object } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const patch = Buffer.from(JSON.stringify(change(object))).toString("base64");
    const response = { uid, allowed: true, patchType: "JSONPatch", patch };
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const resource = { ...configurations, plural: "mutatingwebhookconfigurations" };
  await client.create(resource, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: `${name}.holdfast.test`,
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(certificate).toString("base64") },
        rules: [{ apiGroups: [of.group], apiVersions: [of.version], operations: ["CREATE"], resources: [of.plural] }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        timeoutSeconds: 5,
      },
    ],
  });
  return {
    async stop() {
      await client.remove(resource, name);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function selfSigned(): Promise<{ key: string; certificate: string }> {
  const home = await temporary();
  const [key, certificate] = [join(home, "key.pem"), join(home, "cert.pem")];
  execFileSync(
    "openssl",
    [
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1",
      `-addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${certificate}`,
    ]
      .join(" ")
      .split(" "),
    { stdio: "ignore" },
  );
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}
