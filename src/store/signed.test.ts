import { describe, expect, it } from "vitest";
import { newSigner, parseSigned, signedBytes, signerOf, verifiedValue } from "./signed.ts";

const signer = newSigner();
const value = { id: "p", list: [1, "ü"], nested: { a: true } };

describe("a signed file", () => {
  const bytes = signedBytes(value, signer);

  it("gives its value back, and is the same each time", () => {
    expect(verifiedValue(bytes, signer.publicKey, "f")).toEqual(value);
    expect(signedBytes({ nested: { a: true }, list: [1, "ü"], id: "p" }, signer)).toEqual(bytes);
  });

  it("does not hold with any byte changed, cut or added", () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 32]) {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ bit;
        expect(() => verifiedValue(changed, signer.publicKey, "f"), `byte ${at}`).toThrow(
          expect.objectContaining({ code: "DAMAGED" }),
        );
      }
    }
    for (const changed of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from("\n")]), Buffer.alloc(0)]) {
      expect(() => verifiedValue(changed, signer.publicKey, "f")).toThrow(expect.objectContaining({ code: "DAMAGED" }));
    }
  });

  it("does not hold for another key", () => {
    expect(() => verifiedValue(bytes, newSigner().publicKey, "f")).toThrow(
      expect.objectContaining({ code: "DAMAGED" }),
    );
  });

  it("can be read before the key is known", () => {
    expect(parseSigned(bytes, "f").value).toEqual(value);
  });
});

describe("signerOf", () => {
  it("makes the same signer of the secret", () => {
    expect(signerOf(signer.secret)).toEqual(signer);
  });
});
