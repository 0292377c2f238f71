import { parseJson } from "../base/json.ts";
import type { KubeObject } from "../flow/object.ts";
import type { ListItem } from "./contract.ts";

/** What a list says once for all its items. */
export interface ItemNames {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Parsed at the first look, once. */
export function listItem(bytes: Buffer, names: ItemNames): ListItem {
  let own: Partial<KubeObject> | undefined;
  let filled: KubeObject | undefined;
  const sent = () => (own ??= parseJson<Partial<KubeObject>>(bytes.toString("utf8")));
  return {
    bytes,
    get object() {
      return (filled ??= { ...names, ...sent() } as KubeObject);
    },
    get whole() {
      const { apiVersion, kind } = sent();
      return apiVersion !== undefined && kind !== undefined ? bytes : spliceKind(bytes, names);
    },
  };
}

/** The server leaves apiVersion and kind out of the items of most lists; kubectl needs them. Everything else stays as it is. */
function spliceKind(bytes: Buffer, { apiVersion, kind }: ItemNames): Buffer {
  const open = bytes.indexOf("{") + 1;
  const empty = bytes.subarray(open).toString("latin1").trim() === "}";
  const head = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)}${empty ? "" : ","}`;
  return Buffer.concat([Buffer.from(head), bytes.subarray(open)]);
}
