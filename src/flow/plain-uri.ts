/** What of an s3:// URI's query says where the bucket is. */
const ofPlaces = new Set(["endpoint", "region", "defaultRegion"]);

/** A URI without what opens it: user, password, signature. People write such URIs into rows and fields; they are shown and stored. */
export function plainUri(uri: string): string {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  if (!scheme) return uri;
  const [place = "", query = ""] = rest.split(/[?#]/, 2);
  const slash = place.indexOf("/");
  const host = slash < 0 ? place : place.slice(0, slash);
  const path = slash < 0 ? "" : place.slice(slash);
  const kept = /^(s3|minio)$/i.test(scheme)
    ? [...new URLSearchParams(query)].filter(([key]) => ofPlaces.has(key)).map((pair) => pair.join("="))
    : [];
  return `${scheme}://${host.slice(host.lastIndexOf("@") + 1)}${path}${kept.length > 0 ? `?${kept.join("&")}` : ""}`;
}
