import { describe, expect, it } from "vitest";
import { listItem } from "./list-item.ts";

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim" };

describe("an item of a list", () => {
  const spliced = (text: string, names = deployment) => listItem(Buffer.from(text), names).whole.toString();

  it("gets what the server leaves out, and keeps every byte of the rest", () => {
    const bytes = '{"metadata":{"name":"x","labels":{"n":"1.0"}},"spec":{"big":12345678901234567890,"float":1.0}}';
    expect(spliced(bytes)).toBe(`{"apiVersion":"apps/v1","kind":"Deployment",${bytes.slice(1)}`);
    expect(spliced(bytes, claim).startsWith('{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata"')).toBe(true);
  });

  it("stays as it is where it has them, first or not", () => {
    const first = '{"apiVersion":"kserve.io/v1","kind":"X","metadata":{"name":"a"}}';
    const last = '{"metadata":{"name":"a"},"kind":"X","apiVersion":"kserve.io/v1"}';
    expect(spliced(first)).toBe(first);
    expect(spliced(last)).toBe(last);
  });

  it("is not misled by an apiVersion deeper inside", () => {
    const owned = '{"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod"}]}}';
    expect(JSON.parse(spliced(owned))).toMatchObject({ apiVersion: "apps/v1", kind: "Deployment" });
    expect(spliced("{}")).toBe('{"apiVersion":"apps/v1","kind":"Deployment"}');
  });

  it("is parsed with them, exactly, and once", () => {
    const item = listItem(Buffer.from('{"metadata":{"name":"a"},"spec":{"n":9007199254740993}}'), deployment);
    expect(item.object).toEqual({ ...deployment, metadata: { name: "a" }, spec: { n: 9007199254740993n } });
    expect(item.object).toBe(item.object);
  });
});
