import { readFileSync } from "node:fs";
import { network, nodeName, registry } from "./network.ts";
import { platformEndpoint, targetBucket, targetEndpoint } from "./objectstore/servers.ts";
import type { S3Endpoint } from "./objectstore/s3-endpoint.ts";
import { adminKubeconfig, binDir, labDir, labFile } from "./paths.ts";
import { writeConfig } from "./run/files.ts";

/** How to reach everything in a running lab. */
export interface Lab {
  readonly kubeconfig: string;
  readonly binDir: string;
  /** The same name on the host, in pods and in image references. */
  readonly registry: string;
  readonly nodeName: string;
  readonly bridgeAddress: string;
  readonly platformS3: S3Endpoint;
  readonly targetS3: S3Endpoint & { readonly bucket: string };
}

/** The lab that `make lab` brought up last. */
export function readLab(): Lab {
  try {
    return JSON.parse(readFileSync(labFile(), "utf8")) as Lab;
  } catch {
    throw new Error(`no lab at ${labDir()}; bring it up with: make lab`);
  }
}

/** Writes the file that {@link readLab} reads. It holds keys, so only its owner may read it. */
export async function writeLab(): Promise<void> {
  const lab: Lab = {
    kubeconfig: adminKubeconfig(),
    binDir: binDir(),
    registry,
    nodeName,
    bridgeAddress: network.bridgeAddress,
    platformS3: await platformEndpoint(),
    targetS3: { ...(await targetEndpoint()), bucket: targetBucket },
  };
  writeConfig(labFile(), JSON.stringify(lab, undefined, 2), 0o600);
}
