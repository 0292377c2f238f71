/** Names of images, as container runtimes read them. */

/** "docker.io" for "nginx:1", "quay.io" for "quay.io/a/b@sha256:...", "localhost:5000" for "localhost:5000/x". */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  return isHost ? first : "docker.io";
}

/** The name with its defaults written out, as nodes report it: "docker.io/library/nginx:latest". */
export function fullName(image: string): string {
  const registry = registryOf(image);
  const path = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  const named = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return `${registry}/${named}${/[:@][^/]*$/.test(named) ? "" : ":latest"}`;
}

/** "sha256:..." where the image is pinned. */
export function digestOf(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
}
