import { request } from "undici";

const answerMs = 2000;

/**
 * The version that an etcd server tells anybody. undefined where it does not answer: no route, a certificate that it wants
 * even for that, or no etcd; its image's name may say it then.
 */
export async function etcdVersion(address: string, port: number): Promise<string | undefined> {
  const host = address.includes(":") ? `[${address}]` : address;
  try {
    const { statusCode, body } = await request(`http://${host}:${port}/version`, {
      signal: AbortSignal.timeout(answerMs),
    });
    return statusCode === 200 ? ((await body.json()) as { etcdserver?: string }).etcdserver : undefined;
  } catch {
    return undefined;
  }
}
