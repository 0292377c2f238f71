/** The Service that a host name means from inside `namespace`; undefined where it is an address or a host outside. */
export function serviceOfHost(
  host: unknown,
  namespace: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (typeof host !== "string" || host === "" || /^[\d.]+$/.test(host) || host.includes(":")) return undefined;
  const [name, second, third] = host.split(".");
  if (!name) return undefined;
  if (second === undefined) return { namespace, name };
  if (third === undefined || third === "svc") return { namespace: second, name };
  return undefined;
}
