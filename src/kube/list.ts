/** Lists, page by page: each item's own bytes, parsed only by whoever looks inside. */
import { Fault } from "../base/fault.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import { isUnconverted, statusOf } from "./api-error.ts";
import { backoff, pause } from "./backoff.ts";
import type { ListItem, ResourcePath } from "./contract.ts";
import { listItem } from "./list-item.ts";
import { describeCall, resourcePath } from "./paths.ts";
import type { Rest } from "./rest.ts";
import { splitList } from "./split-list.ts";

export interface ListOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly fields?: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

interface Page {
  readonly items: readonly ListItem[];
  readonly resourceVersion: string;
  readonly next: string;
}

const pageSize = 500;

/**
 * Every item of a collection. A token that ran out (410) goes on with the one that the server gives for a newer state:
 * keys come in order, so nothing is seen twice.
 */
async function* listVersion(rest: Rest, resource: ResourcePath, options: ListOptions): AsyncGenerator<ListItem> {
  let token = "";
  for (;;) {
    const page = await readPage(rest, resource, options, token).catch((error: unknown) => {
      const renewed = token === "" ? undefined : statusOf(error)?.continueToken;
      if (!renewed) throw error;
      return readPage(rest, resource, options, renewed);
    });
    yield* page.items;
    if (page.next === "") return;
    token = page.next;
  }
}

/** As `listVersion`; where a conversion webhook is down, in a version that needs none: that in which the objects are kept. */
export async function* listItems(
  rest: Rest,
  resource: ResourcePath & Pick<ApiResource, "versions">,
  options: ListOptions,
): AsyncGenerator<ListItem> {
  let failure: unknown;
  for (const version of new Set([resource.version, ...(resource.versions ?? [])])) {
    let begun = false;
    try {
      for await (const item of listVersion(rest, { ...resource, version }, options)) {
        begun = true;
        yield item;
      }
      return;
    } catch (error) {
      if (begun || !isUnconverted(error)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/** A whole collection as of one moment, to start a watch from. Begins again where its token ran out. */
export async function listAll(
  rest: Rest,
  resource: ResourcePath,
  options: ListOptions,
): Promise<{ readonly objects: readonly KubeObject[]; readonly resourceVersion: string }> {
  let objects: KubeObject[] = [];
  let token = "";
  for (let restarts = 0; ; ) {
    try {
      const page = await readPage(rest, resource, options, token);
      objects.push(...page.items.map((item) => item.object));
      if (page.next === "") return { objects, resourceVersion: page.resourceVersion };
      token = page.next;
    } catch (error) {
      if (token === "" || statusOf(error)?.code !== 410 || restarts++ >= 3) throw error;
      objects = [];
      token = "";
    }
  }
}

/** One page, held whole before it is given out, so that a broken connection costs a repeat and no doubles. */
async function readPage(rest: Rest, resource: ResourcePath, options: ListOptions, token: string): Promise<Page> {
  const subject = describeCall("list", resource, options.namespace);
  for (let count = 0; ; count++) {
    const body = await rest.stream({
      method: "GET",
      path: resourcePath(resource, options.namespace),
      query: {
        limit: options.limit ?? pageSize,
        continue: token,
        labelSelector: options.labels,
        fieldSelector: options.fields,
      },
      signal: options.signal,
      subject,
    });
    try {
      return await splitPage(body, resource);
    } catch (error) {
      if (options.signal?.aborted) throw new Fault("CANCELLED", `${subject}: stopped`, { subject });
      if (count >= 4) {
        throw new Fault("UNAVAILABLE", `${subject}: the answer broke off: ${(error as Error).message}`, {
          subject,
          retry: "soon",
          cause: error,
        });
      }
      await pause(backoff(count, 200, 5_000), options.signal).catch(() => {}); // the next round sees the abort
    }
  }
}

async function splitPage(body: AsyncIterable<unknown>, resource: ResourcePath): Promise<Page> {
  const splitter = splitList();
  const buffers: Buffer[] = [];
  for await (const chunk of body) buffers.push(...splitter.push(chunk as Buffer));
  const envelope = splitter.end();
  const group = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
  const names = { apiVersion: envelope.apiVersion ?? group, kind: (envelope.kind ?? "").replace(/List$/, "") };
  return {
    items: buffers.map((bytes) => listItem(bytes, names)),
    resourceVersion: envelope.metadata?.resourceVersion ?? "",
    next: envelope.metadata?.continue ?? "",
  };
}
