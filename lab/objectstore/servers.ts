import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CreateBucketCommand, HeadBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { network } from "../network.ts";
import { labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import type { S3Endpoint } from "./s3-endpoint.ts";

/** One of the two S3 servers. */
interface Server {
  readonly name: "platform-s3" | "target-s3";
  readonly port: number;
}

const platform: Server = { name: "platform-s3", port: network.platformS3Port };
const target: Server = { name: "target-s3", port: network.targetS3Port };
const region = "us-east-1";

/** The bucket that backups go to. */
export const targetBucket = "holdfast";

/** The platform's object store: the part that NooBaa plays elsewhere. `lab-reset` empties it. */
export const platformS3: Part = {
  ...serverPart(platform),
  reset: async () => rmSync(labDir(platform.name), { recursive: true, force: true }),
};

/** The backup target. Nothing but a purge throws its data away. */
export const targetS3: Part = {
  ...serverPart(target),
  up: async () => {
    await serve(target);
    await makeBucket(await endpointOf(target), targetBucket);
  },
};

export const platformEndpoint = () => endpointOf(platform);
export const targetEndpoint = () => endpointOf(target);

function serverPart(server: Server): Part {
  return {
    name: server.name,
    needs: ["tools-build", "network"],
    seconds: { cold: 1, warm: 1 },
    up: () => serve(server),
    down: () => stopProcess(server.name),
    status: async () => (isRunning(server.name) ? urlOf(server) : "down"),
  };
}

async function serve(server: Server): Promise<void> {
  const dir = (name: string) => labDir(server.name, name);
  // The server changes into its data folder, so the others lie beside it, and all paths are absolute.
  for (const name of ["data", "versions", "iam"]) mkdirSync(dir(name), { recursive: true, mode: 0o700 });
  const { accessKey, secretKey } = await endpointOf(server);
  await ensureProcess({
    name: server.name,
    command: program("versitygw"),
    args: [
      "--port",
      `${network.bridgeAddress}:${server.port}`,
      "--region",
      region,
      "--iam-dir",
      dir("iam"),
      "--health",
      "/health",
      "--quiet",
      "--keep-alive",
      "posix",
      "--versioning-dir",
      dir("versions"),
      dir("data"),
    ],
    env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    ready: {
      describe: `${server.name} to answer`,
      seconds: 30,
      check: async () => (await fetch(`${urlOf(server)}/health`, { signal: AbortSignal.timeout(2000) })).ok,
    },
  });
}

/** Where the server is, and its administrator's keys; they are made up at the first call. */
async function endpointOf(server: Server): Promise<S3Endpoint> {
  const file = labDir(server.name, "keys.json");
  if (!existsSync(file)) {
    mkdirSync(labDir(server.name), { recursive: true, mode: 0o700 });
    const keys = {
      accessKey: `LAB${randomBytes(8).toString("hex").toUpperCase()}`,
      secretKey: randomBytes(24).toString("base64url"),
    };
    writeFileSync(`${file}.new`, JSON.stringify(keys), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const { accessKey, secretKey } = JSON.parse(readFileSync(file, "utf8")) as { accessKey: string; secretKey: string };
  return { endpoint: urlOf(server), region, accessKey, secretKey };
}

async function makeBucket({ endpoint, region, accessKey, secretKey }: S3Endpoint, bucket: string): Promise<void> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const there = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  );
  if (!there) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  s3.destroy();
}

function urlOf(server: Server): string {
  return `http://${network.bridgeAddress}:${server.port}`;
}
