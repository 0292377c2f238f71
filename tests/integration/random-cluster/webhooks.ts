/** Admission webhooks of a cluster: one notes on every object that asks for it where it was admitted, one refuses what has no note. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubeObject } from "../../../src/flow/object.ts";
import { waitFor } from "../../../src/base/wait.ts";
import { hookLabel } from "./texts.ts";
import type { Server } from "./server.ts";

/** `cluster` is a part of the note: another cluster writes another one beside it. */
export async function serveWebhooks(server: Server, directory: string, cluster: string): Promise<HttpsServer> {
  const [key, cert] = [join(directory, "hook.key"), join(directory, "hook.crt")];
  const options = [
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "1",
    "-subj",
    "/CN=hook",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
  ];
  execFileSync("openssl", ["req", "-x509", ...options, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const hook = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Review;
      const answer = request.url?.startsWith("/mutate") ? note(review, cluster) : judge(review, cluster);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...review, request: undefined, response: { uid: review.request.uid, ...answer } }));
    });
  });
  hook.keepAliveTimeout = 0; // the API server keeps its connections, and does not try again on one that ends
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const { port } = hook.address() as AddressInfo;
  await register(server, "MutatingWebhookConfiguration", `https://127.0.0.1:${port}/mutate`, readFileSync(cert));
  await register(server, "ValidatingWebhookConfiguration", `https://127.0.0.1:${port}/validate`, readFileSync(cert));
  await waitFor(() => isNoted(server).catch(() => undefined), { reason: "the webhooks to be called", seconds: 30 });
  return hook;
}

async function isNoted(server: Server): Promise<true | undefined> {
  const probe = { metadata: { name: "probe", labels: { [hookLabel]: "yes" } } };
  const { metadata } = await server.send("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", probe);
  return metadata.annotations ? true : undefined;
}

interface Review {
  readonly request: { readonly uid: string; readonly object: KubeObject };
}

function note({ request: { uid, object } }: Review, cluster: string): object {
  const { annotations } = object.metadata;
  if (annotations?.[`admission.example.com/${cluster}`]) return { allowed: true };
  const patch = [
    ...(annotations ? [] : [{ op: "add", path: "/metadata/annotations", value: {} }]),
    { op: "add", path: `/metadata/annotations/admission.example.com~1${cluster}`, value: uid },
  ];
  return { allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
}

function judge({ request: { object } }: Review, cluster: string): object {
  return { allowed: Boolean(object.metadata.annotations?.[`admission.example.com/${cluster}`]) };
}

async function register(server: Server, kind: string, url: string, ca: Buffer): Promise<void> {
  await server.send("POST", `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`, {
    metadata: { name: "random" },
    webhooks: [
      {
        name: "random.example.com",
        clientConfig: { url, caBundle: ca.toString("base64") },
        rules: [
          { apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE"], resources: ["*"], scope: "Namespaced" },
        ],
        objectSelector: { matchLabels: { [hookLabel]: "yes" } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        failurePolicy: "Fail",
      },
    ],
  });
}
