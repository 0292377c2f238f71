/** A sum for people, in the unit of its resource. */
export function formatAmount(resource: string, amount: number): string {
  if (/memory|storage/.test(resource)) {
    const gibi = amount / 2 ** 30;
    return gibi >= 1 ? `${round(gibi)}Gi` : `${round(amount / 2 ** 20)}Mi`;
  }
  return String(round(amount));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
