import { z } from "zod";
import { label, namespacedRef, objectName, optionalNamespaceRef } from "./parts.ts";
import { withRule } from "./rules.ts";
import { common, count, timestamp } from "./status-parts.ts";

const objectStore = z.strictObject({
  url: z
    .string()
    .max(500)
    .regex(/^https?:\/\/[^/@]+\/?$/, "must be http(s)://host[:port]") // keys are in the Secret, not here
    .describe("Address of the S3 service."),
  bucketName: z.string().min(3).max(63).describe("The bucket. It must exist."),
  region: z.string().max(63).default("us-east-1").describe("Region of the bucket."),
  prefix: z
    .string()
    .max(500)
    .regex(/^([^/]+(\/[^/]+)*)?$/, "must have no slash at its ends")
    .optional()
    .describe("Path inside the bucket, so that a bucket can be shared."),
  credentialSecret: optionalNamespaceRef.describe(
    "Secret with the keys accessKey and secretKey (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).",
  ),
  skipCertVerification: z.boolean().optional().describe("Take any certificate. For tests only."),
  sslCertConfig: z
    .strictObject({
      certConfigMap: optionalNamespaceRef.describe("The ConfigMap."),
      certKey: z.string().min(1).max(253).default("ca.crt").describe("Its key."),
    })
    .optional()
    .describe("A ConfigMap with the certificate of the authority that signed the service's certificate."),
});

const nfs = z.strictObject({
  nfsExport: z
    .string()
    .max(1000)
    .regex(/^[^:]+:\/.*$/, "must be server:/path")
    .describe(
      "Server and path of the export. For mount options make a PersistentVolume of it, and a Target of type PersistentVolumeClaim.",
    ),
});

const types = {
  ObjectStore: "objectStoreCredentials",
  NFS: "nfsCredentials",
  PersistentVolumeClaim: "persistentVolumeClaim",
  Directory: "directory",
} as const;

const fields = z.strictObject({
  type: z.enum(["ObjectStore", "NFS", "PersistentVolumeClaim", "Directory"]).describe("What kind of place it is."),
  objectStoreCredentials: objectStore.optional().describe("An S3 bucket, for type ObjectStore."),
  nfsCredentials: nfs.optional().describe("An NFS export, for type NFS."),
  persistentVolumeClaim: z
    .strictObject({ claimName: objectName.describe("Name of the claim, in Holdfast's namespace.") })
    .optional()
    .describe(
      "A volume of this cluster, for type PersistentVolumeClaim. It is lost with the cluster: for tests, or where the volume is replicated.",
    ),
  directory: z
    .strictObject({
      path: z
        .string()
        .max(1000)
        .regex(/^\/.+$/, "must be an absolute path")
        .describe("Absolute path."),
    })
    .optional()
    .describe(
      "A directory of the node, for type Directory. For a cluster of one node, or a mount that every node has.",
    ),
});

/** The block of the type is there, and no other. */
export const targetSpec = Object.entries(types).reduce(
  (schema, [type, field]) =>
    withRule(schema, {
      cel: `(self.type == '${type}') == has(self.${field})`,
      message: `${field} must be set where type is ${type}, and nowhere else`,
      check: (value) => (value.type === type) === (value[field] !== undefined),
    }),
  fields,
);

export const targetStatus = z.looseObject({
  status: z
    .enum(["InProgress", "Available", "Unavailable"])
    .optional()
    .describe("Whether backups and restores can use it now."),
  ...common,
  id: z.string().optional().describe("The id that it was given at first use; the same in every cluster that uses it."),
  points: count.optional().describe("Recovery points on it."),
  lastSyncTimestamp: timestamp.optional().describe("When it was last looked at."),
  recoveryKitPrinted: z
    .boolean()
    .optional()
    .describe("Whether a person has printed the recovery kit. Without it a lost cluster takes the key along."),
});

export const targetRef = namespacedRef;
export const planTargetRef = z.strictObject({
  name: objectName.describe("Name of the Target."),
  namespace: label.optional().describe("Its namespace: this one where it is not given, or Holdfast's."),
});
