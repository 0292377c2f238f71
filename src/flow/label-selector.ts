/** Label selectors as Kubernetes writes them, and the expressions of a node affinity. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelExpression[];
}

interface LabelExpression {
  readonly key: string;
  readonly operator: string; // In, NotIn, Exists, DoesNotExist; in a node affinity Gt and Lt too
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** As a Kubernetes label selector chooses: an empty one chooses everything. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const named = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return named && (selector.matchExpressions ?? []).every((one) => meets(one, labels));
}

/** One expression; an operator that nobody knows is met by nothing. */
export function meets({ key, operator, values = [] }: LabelExpression, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}
