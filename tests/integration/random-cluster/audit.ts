/** What was written, as the API server itself records it. */
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Audit {
  /** For kube-apiserver. */
  readonly flags: readonly string[];
  /** Writes into these namespaces that succeeded since the last call: "patch configmaps ns/name". */
  written(namespaces: readonly string[]): string[];
}

const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] }, { level: "None" }],
};

export function auditIn(directory: string): Audit {
  const [policyFile, log] = [join(directory, "audit-policy.json"), join(directory, "audit.log")];
  writeFileSync(policyFile, JSON.stringify(policy));
  writeFileSync(log, "");
  let read = 0;
  return {
    flags: [
      `--audit-policy-file=${policyFile}`,
      `--audit-log-path=${log}`,
      "--audit-log-mode=blocking",
      "--audit-log-maxsize=1000000", // MiB: one file, however many seeds, since it is read on from where it was left
    ],
    written(namespaces) {
      const text = restOf(log, read);
      read += Buffer.byteLength(text);
      return text
        .split("\n")
        .filter(Boolean)
        .flatMap((line) => told(JSON.parse(line), namespaces));
    },
  };
}

interface Entry {
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { username?: string };
  readonly objectRef?: { resource: string; namespace?: string; name?: string; subresource?: string };
  readonly responseStatus?: { code?: number };
}

function told({ verb, requestURI, user, objectRef, responseStatus }: Entry, namespaces: readonly string[]): string[] {
  const { resource, namespace = "", name = "", subresource } = objectRef ?? { resource: "" };
  if (user?.username === "system:apiserver") return []; // its own Events of Services
  if (!namespaces.includes(namespace) || (responseStatus?.code ?? 0) >= 300 || requestURI.includes("dryRun="))
    return [];
  return [`${verb} ${resource}${subresource ? `/${subresource}` : ""} ${namespace}/${name}`];
}

/** Whole lines only: the last one may still be on its way. */
function restOf(file: string, from: number): string {
  const opened = openSync(file, "r");
  const buffer = Buffer.alloc(fstatSync(opened).size - from);
  readSync(opened, buffer, 0, buffer.length, from);
  closeSync(opened);
  return buffer.subarray(0, buffer.lastIndexOf("\n") + 1).toString("utf8");
}
