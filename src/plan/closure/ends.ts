/** What an edge leads to, where that is bytes. Pure. */
import { someOf } from "../../base/some-of.ts";
import type { ChainEnd, Reached } from "../../flow/closure.ts";
import type { Bucket, Edge, Volume } from "../../flow/inventory.ts";
import { readingOf } from "../findings/volumes.ts";
import type { World } from "./world.ts";

type Base = Pick<ChainEnd, "by" | "rule">;

export function endsAt(edge: Edge, world: World): readonly ChainEnd[] {
  const { to, part } = edge;
  const base: Base = { by: edge.from, rule: edge.rule };
  if (to.startsWith("image:")) return [imageEnd(to.slice("image:".length), part, base)];
  if (to.startsWith("uri:")) return [uriEnd(to.slice("uri:".length), base)];
  const claim = /^PersistentVolumeClaim (.+)$/.exec(to)?.[1];
  if (claim) return claimEnds(claim, part, base, world);
  const { buckets, databases, volumes } = world.inventory;
  const bucket = buckets.find((one) => one.id === to);
  if (bucket) return [bucketEnd(bucket, part, base)];
  const database = databases.find((one) => one.id === to);
  if (database) return [databaseEnd(to, database.volumes, base, world)];
  return volumes.some((one) => one.id === to) ? claimEnds(to, part, base, world) : [];
}

function bucketEnd(bucket: Bucket, part = "", base: Base): ChainEnd {
  const uri = `s3://${bucket.bucket}/${part}`;
  return { kind: "bucket", uri, ...base, pinned: false, reached: reachIn(bucket, part), place: bucket.id, part };
}

function reachIn({ prefixes }: Bucket, part: string): Reached {
  if (prefixes.some(({ prefix }) => part.startsWith(prefix)))
    return { captured: true, because: "captured with version, size and SHA-256" };
  const taken = someOf(
    prefixes.map(({ prefix }) => prefix),
    4,
  );
  return { captured: false, because: `of this bucket only ${taken} is captured: nothing else is known to be read` };
}

/** A claim, and the database that keeps its rows in it. */
function claimEnds(id: string, part = "", base: Base, world: World): readonly ChainEnd[] {
  const { volumes, databases } = world.inventory;
  const uri = `pvc://${id}${part ? `/${part}` : ""}`;
  const volume = volumes.find((one) => one.id === id);
  const end: ChainEnd = { kind: "volume", uri, ...base, pinned: false, reached: reachOf(volume), place: id, part };
  const own = databases.filter((one) => one.volumes.includes(id) && !base.rule.startsWith("database"));
  return [end, ...own.map((one) => databaseEnd(one.id, one.volumes, base, world))];
}

function reachOf(volume: Volume | undefined): Reached {
  if (!volume) return { captured: false, because: "no volume is bound to the claim" };
  const reading = readingOf(volume);
  if (reading === "none")
    return { captured: false, because: "its driver has no snapshot class, and no running pod mounts its files" };
  return reading === "snapshot"
    ? {
        captured: true,
        because: `captured by a snapshot of class ${volume.snapshotClass}, with the SHA-256 of its files`,
      }
    : {
        captured: true,
        because: `captured live where pod ${volume.usedBy?.pod} mounts it, with the SHA-256 of its files`,
      };
}

function databaseEnd(id: string, volumes: readonly string[], base: Base, world: World): ChainEnd {
  const held = world.inventory.volumes.filter((one) => volumes.includes(one.id) && readingOf(one) !== "none");
  const reached: Reached =
    held.length > 0
      ? { captured: true, because: `its rows are captured with ${held.map((one) => `claim ${one.id}`).join(", ")}` }
      : { captured: false, because: "no volume that holds its rows can be read" };
  return { kind: "database", uri: `database://${id}`, ...base, pinned: false, reached, place: id };
}

/** `written`: the URI, where it is a model that lies in an image. */
function imageEnd(image: string, written: string | undefined, base: Base): ChainEnd {
  const pinned = /@sha256:[0-9a-f]{4,}/.test(image);
  const because = pinned
    ? "its digest is recorded; the image stays in its registry"
    : "its registry holds it, and its tag may come to mean another image";
  const isTag = written !== undefined && !written.includes("@sha256:");
  return {
    kind: "image",
    uri: `oci://${image}`,
    ...base,
    pinned: pinned && !isTag,
    reached: { captured: false, because },
    ...(written ? { part: written } : {}),
  };
}

function uriEnd(uri: string, base: Base): ChainEnd {
  const out = (kind: ChainEnd["kind"], because: string, pinned = false): ChainEnd => ({
    kind,
    uri,
    ...base,
    pinned,
    reached: { captured: false, because },
  });
  if (uri.startsWith("hf://")) {
    const pinned = isPinnedModel(uri);
    return out(
      "huggingface",
      pinned ? "Hugging Face holds it, at this commit" : "Hugging Face holds it, at no commit",
      pinned,
    );
  }
  if (/^(s3|minio):\/\//.test(uri))
    return out("bucket", "no endpoint or no keys of the bucket are known in these namespaces");
  if (/^https?:\/\//.test(uri)) return out("http", "it lies on a server outside of what a backup can hold");
  return out("unknown", "it lies outside of what a backup can hold");
}

/** "hf://<org>/<model>:<commit>" */
export function isPinnedModel(uri: string): boolean {
  return /:[0-9a-f]{40}$/.test(uri);
}
