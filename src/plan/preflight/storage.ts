import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { KubeObject } from "../../flow/object.ts";
import { isUnread } from "../restore-facts.ts";
import { type Check, gather, type PreflightInput } from "./check.ts";

/** A claim that is written, with the driver that makes its volume here and the one that made it there. */
interface Claim {
  readonly key: string;
  readonly className?: string;
  readonly shared: boolean; // ReadWriteMany, of files
  readonly bound: boolean; // names its volume
  readonly provisioner?: string;
  /** CSI driver of its volume in the point. */
  readonly driver?: string;
}

/** Classes exist (a check of its own says so); can their drivers make what the claims ask for? */
export const storage: Check = (input) => {
  const volumes = new Map(
    input.point.namespaces.flatMap((one) => one.volumes.map(({ volume }) => [volume.id, volume.driver])),
  );
  const claims: Claim[] = [];
  return {
    see(written) {
      if (written.kind !== "PersistentVolumeClaim" || isUnread(input.target, "StorageClasses")) return;
      const { namespace, name } = written.one.ref;
      claims.push(claimOf(written.key, written.object, volumes.get(`${namespace}/${name}`), input));
    },
    findings: () => [
      ...withoutClass(claims, input),
      ...withoutDriver(claims, input),
      ...unlikelyModes(claims),
      ...withoutSnapshots(claims, input),
    ],
  };
};

function claimOf(
  key: string,
  { spec = {} }: KubeObject,
  driver: string | undefined,
  { target }: PreflightInput,
): Claim {
  const className: string | undefined = spec.storageClassName;
  const found = target.storageClasses.find((one) => (className === undefined ? one.isDefault : one.name === className));
  return {
    key,
    shared: spec.volumeMode !== "Block" && (spec.accessModes ?? []).includes("ReadWriteMany"),
    bound: Boolean(spec.volumeName),
    ...(className === undefined ? {} : { className }),
    ...(found ? { provisioner: found.provisioner } : {}),
    ...(driver ? { driver } : {}),
  };
}

function keysOf(claims: readonly Claim[]): string[] {
  return claims.map((one) => one.key);
}

function withoutClass(claims: readonly Claim[], { target }: PreflightInput): Finding[] {
  const waiting = claims.filter(
    ({ provisioner, className, bound }) => !provisioner && className === undefined && !bound,
  );
  if (waiting.length === 0) return [];
  return [
    {
      code: "DEFAULT_CLASS_MISSING",
      severity: "warning",
      subject: waiting.length === 1 ? keysOf(waiting)[0]! : `${waiting.length} claims`,
      message: `${someOf(keysOf(waiting))} name no StorageClass, and the target has no default one: they stay pending`,
      advice: `mark one as default (the target has ${target.storageClasses.map((one) => one.name).join(", ") || "none"}), or set storageClassName by a transform`,
    },
  ];
}

/** Only of what is surely a CSI driver: one that the point knows as such, or whose CSIDriver is there and on no node. */
function withoutDriver(claims: readonly Claim[], { facts: { drivers } }: PreflightInput): Finding[] {
  if (!drivers) return [];
  const missing = new Map<string, Claim[]>();
  for (const one of claims) {
    const { provisioner, driver } = one;
    if (!provisioner || drivers.onNodes.has(provisioner)) continue;
    if (drivers.known.has(provisioner) || provisioner === driver) gather(missing, provisioner, one);
  }
  return [...missing].map(([provisioner, list]) => ({
    code: "CSI_DRIVER_MISSING",
    severity: "warning" as const,
    subject: `CSIDriver ${provisioner}`,
    message: `the driver that makes the volumes of ${someOf(keysOf(list))} ${drivers.known.has(provisioner) ? "runs on no node" : "is not installed"}`,
    advice: "install the driver (kubectl get csidrivers,csinodes), or map the class by restoreConfig.storageClassMap",
  }));
}

/** Drivers of disks: one node at a time, unless the claim is for a raw block device. */
const diskDrivers =
  /^(ebs\.csi\.aws\.com|disk\.csi\.azure\.com|pd\.csi\.storage\.gke\.io|cinder\.csi\.openstack\.org|.*\.rbd\.csi\.ceph\.com|csi\.hetzner\.cloud|dobs\.csi\.digitalocean\.com|topolvm\.(io|cybozu\.com)|.*\.localvolume|local\.csi\..*|rancher\.io\/local-path|kubernetes\.io\/(aws-ebs|azure-disk|gce-pd|cinder|no-provisioner))$/;

/** Where driver and class are as they were, the mode worked. */
function unlikelyModes(claims: readonly Claim[]): Finding[] {
  return claims
    .filter(
      ({ shared, provisioner, driver }) =>
        shared && provisioner && provisioner !== driver && diskDrivers.test(provisioner),
    )
    .map(({ key, className, provisioner }) => ({
      code: "ACCESS_MODE_UNLIKELY",
      severity: "warning" as const,
      subject: key,
      message: `it asks for ReadWriteMany, and ${provisioner}, the driver of ${className ? `StorageClass ${className}` : "the default StorageClass"}, makes disks for one node at a time`,
      advice:
        "map the class to one whose driver shares files (restoreConfig.storageClassMap), or change accessModes by a transform",
    }));
}

function withoutSnapshots(claims: readonly Claim[], { facts: { snapshotDrivers } }: PreflightInput): Finding[] {
  if (!snapshotDrivers) return [];
  const missing = new Map<string, Claim[]>();
  for (const one of claims) {
    // Only where the point had snapshots of it is their absence news.
    if (one.provisioner && one.driver && !snapshotDrivers.has(one.provisioner)) gather(missing, one.provisioner, one);
  }
  return [...missing].map(([provisioner, list]) => ({
    code: "SNAPSHOT_CLASS_MISSING",
    severity: "info" as const,
    subject: provisioner,
    message: `the target has no VolumeSnapshotClass for it: the next backup reads the files of ${someOf(keysOf(list))} while they are in use`,
    advice: `make a VolumeSnapshotClass with driver ${provisioner}`,
  }));
}
