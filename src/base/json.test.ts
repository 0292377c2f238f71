import { describe, expect, it } from "vitest";
import { parseJson } from "./json.ts";

describe("parseJson", () => {
  it("keeps whole numbers beyond 53 bits, through a copy too", () => {
    const text = '{"a":9007199254740993,"b":[-9223372036854775808,9007199254740991],"c":9223372036854775807}';
    expect(JSON.stringify(parseJson(text))).toBe(text);
    expect(JSON.stringify(structuredClone(parseJson(text)))).toBe(text);
    expect(JSON.stringify(parseJson(text), undefined, 1)).toContain('"c": 9223372036854775807');
  });

  it.each(["1e+21", "1e-7", "0.1", "100000000000000000000", "1.7976931348623157e+308", "5e-324", "123456789012.34567"])(
    "writes %s as it was",
    (text) => {
      expect(JSON.stringify(parseJson(`[${text}]`))).toBe(`[${text}]`);
    },
  );

  it("leaves everything else to JSON.parse", () => {
    const text = '{"s":"12345678901234567890","n":null,"list":[],"__proto__":{"x":1},"f":1.5}';
    expect(JSON.stringify(parseJson(text))).toBe(text);
    expect(parseJson<{ s: unknown }>(text).s).toBe("12345678901234567890");
    expect(() => parseJson("{")).toThrow(SyntaxError);
  });
});
