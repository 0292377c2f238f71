/** Kubernetes quantities as numbers: "1500m" is 1.5, "2Gi" is 2147483648, "1e3" is 1000. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** undefined where the text is no quantity. */
export function amountOf(quantity: unknown): number | undefined {
  const match = /^([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|([KMGTPE]i|[numkMGTPE]))?$/.exec(String(quantity ?? "").trim());
  if (!match) return undefined;
  const number = Number(`${match[1]}${match[2] ?? ""}`);
  return Number.isFinite(number) ? number * factors[match[3] ?? ""]! : undefined;
}
