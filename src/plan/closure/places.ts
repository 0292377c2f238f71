/** Where a URI leads in an inventory. Pure. */
import type { Bucket, Inventory } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import { parseS3Uri } from "../../profiles/connection.ts";
import { kinds } from "../../profiles/kinds.ts";
import { parseClaimUri } from "../../profiles/uri-uses.ts";
import { versionKey } from "./nodes.ts";

/** As in Edge: a key of an object, the id of a bucket, "image:...", "uri:...", a version. */
export interface Place {
  readonly to: string;
  readonly part?: string;
}

/** `namespace`: whose claims a pvc:// means. */
export function placesOf(
  uri: string,
  namespace: string | undefined,
  inventory: Pick<Inventory, "buckets" | "registries">,
): readonly Place[] {
  const s3 = parseS3Uri(uri);
  if (s3) {
    const bucket = bucketNamed(s3.bucket, s3.endpoint, inventory);
    return [bucket ? { to: bucket.id, part: s3.prefix } : { to: `uri:${uri}` }];
  }
  const claim = parseClaimUri(uri);
  if (claim && namespace) return [{ to: refKey({ ...kinds.claim, namespace, name: claim.claim }), part: claim.path }];
  const image = /^(?:oci|docker):\/\/(.+)$/.exec(uri)?.[1];
  if (image) return [{ to: `image:${image}`, part: uri }];
  const registered = uri.startsWith("model-registry://") ? versionsNamed(uri, inventory) : [];
  return registered.length > 0 ? registered : [{ to: `uri:${uri}` }];
}

/** Of the same name at another endpoint is another bucket, but for names that only differ in how the endpoint is written. */
function bucketNamed(
  name: string,
  endpoint: string | undefined,
  { buckets }: Pick<Inventory, "buckets">,
): Bucket | undefined {
  const fits = buckets.filter((one) => one.bucket === name);
  return fits.find((one) => one.endpoint === endpoint) ?? fits[0];
}

/** "model-registry://[<registry>/]<model>[/<version>]". Without a version, the newest one is meant. */
function versionsNamed(uri: string, { registries = [] }: Pick<Inventory, "registries">): readonly Place[] {
  const parts = uri.slice("model-registry://".length).split("/").filter(Boolean);
  return registries.flatMap((rows) => {
    const named = (model: string | undefined, version: string | undefined) =>
      rows.versions.filter((one) => one.model === model && (version === undefined || one.name === version));
    const exact = named(parts.at(-2), parts.at(-1));
    const newest = [...named(parts.at(-1), undefined)].sort((a, b) => Number(b.id) - Number(a.id))[0];
    const found = exact[0] ?? newest;
    return found ? [{ to: versionKey(rows, found.id) }] : [];
  });
}
