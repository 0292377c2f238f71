import { amountOf } from "../../base/quantity.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import type { NodeFact } from "./facts.ts";
import { meets } from "../../flow/label-selector.ts";
import { formatAmount } from "./quantity.ts";
import { requestsOf } from "./pods.ts";

export interface Misfit {
  readonly code: "NODE_SELECTOR_UNMET" | "EXTENDED_RESOURCE_MISSING" | "NODES_TOO_SMALL" | "TAINTS_NOT_TOLERATED";
  readonly why: string;
  /** The device that is missing, where it is one. */
  readonly resource?: string;
}

/** The first thing that leaves a pod no node; undefined where some node could take it if it were empty. */
export function misfitOf(spec: PodSpec, nodes: readonly NodeFact[]): Misfit | undefined {
  const chosen = nodes.filter((node) => isSelected(spec, node));
  if (chosen.length === 0) return { code: "NODE_SELECTOR_UNMET", why: whyNotSelected(spec, nodes) };
  const requests = [...requestsOf(spec)].filter(([, amount]) => amount > 0);
  const devices = requests.filter(([resource]) => resource.includes("/"));
  const lacking = devices.find(([resource, amount]) => !chosen.some((node) => hasAmount(node, resource, amount)));
  if (lacking) return { code: "EXTENDED_RESOURCE_MISSING", why: whyNoDevice(lacking, chosen), resource: lacking[0] };
  const equipped = chosen.filter((node) => devices.every(([resource, amount]) => hasAmount(node, resource, amount)));
  if (equipped.length === 0) {
    const all = devices.map(([resource, amount]) => `${amount} ${resource}`).join(" and ");
    return { code: "EXTENDED_RESOURCE_MISSING", why: `no node offers ${all} together` };
  }
  const plain = requests.filter(([resource]) => resource === "cpu" || resource === "memory");
  const tooMuch = plain.find(([resource, amount]) => !equipped.some((node) => hasAmount(node, resource, amount)));
  if (tooMuch) return { code: "NODES_TOO_SMALL", why: whyTooSmall(tooMuch, equipped) };
  const fitting = equipped.filter((node) => plain.every(([resource, amount]) => hasAmount(node, resource, amount)));
  if (fitting.length === 0)
    return { code: "NODES_TOO_SMALL", why: "no node has both the CPU and the memory of one pod" };
  const open = fitting.filter((node) => !node.unschedulable && isTolerated(spec, node));
  return open.length === 0 ? { code: "TAINTS_NOT_TOLERATED", why: whyTainted(fitting) } : undefined;
}

type Requirement = { key: string; operator: string; values?: readonly string[] };
interface Term {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

function termsOf(spec: PodSpec): readonly Term[] {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

/** nodeSelector and required node affinity. */
export function isSelected(spec: PodSpec, { labels, name }: NodeFact): boolean {
  const terms = termsOf(spec);
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms.length === 0 ||
      terms.some(
        ({ matchExpressions = [], matchFields = [] }) =>
          matchExpressions.every((one) => meets(one, labels)) &&
          matchFields.every((one) => meets(one, { "metadata.name": name })),
      ))
  );
}

/** Says of each label that is asked for what the nodes have instead: "nvidia.com/gpu.product=A100 (nodes have H100)". */
function whyNotSelected(spec: PodSpec, nodes: readonly NodeFact[]): string {
  const asked = [
    ...Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => ({
      key,
      text: `${key}=${String(value)}`,
      values: [String(value)],
    })),
    ...termsOf(spec)
      .flatMap((term) => term.matchExpressions ?? [])
      .map(({ key, operator, values = [] }) => ({
        key,
        text: `${key} ${operator} ${values.join(",")}`.trim(),
        values,
      })),
  ];
  const unmet = asked.filter(
    ({ key, values }) =>
      !nodes.some(({ labels }) => labels[key] !== undefined && (values.length === 0 || values.includes(labels[key]))),
  );
  const told = (unmet.length > 0 ? unmet : asked).map(({ key, text }) => {
    const have = [...new Set(nodes.flatMap(({ labels }) => labels[key] ?? []))];
    return `${text} (nodes have ${have.length > 0 ? have.slice(0, 4).join(", ") : "no such label"})`;
  });
  return unmet.length > 0 ? `no node has ${told.join(" or ")}` : `no node has all of ${told.join(", ")}`;
}

/** Does it offer so much of a resource, were it empty? */
export function hasAmount({ allocatable }: NodeFact, resource: string, amount: number): boolean {
  return (amountOf(allocatable[resource]) ?? 0) >= amount;
}

function whyNoDevice([resource, amount]: [string, number], nodes: readonly NodeFact[]): string {
  const most = Math.max(...nodes.map((node) => amountOf(node.allocatable[resource]) ?? 0));
  if (most > 0) return `${amount} ${resource} in one pod, and no node has more than ${most}`;
  const vendor = resource.slice(0, resource.indexOf("/"));
  const offered = new Set(
    nodes.flatMap(({ allocatable, labels }) =>
      Object.keys(allocatable)
        .filter((one) => one.startsWith(`${vendor}/`) && (amountOf(allocatable[one]) ?? 0) > 0)
        .map((one) => `${one}${labels["nvidia.com/gpu.product"] ? ` of ${labels["nvidia.com/gpu.product"]}` : ""}`),
    ),
  );
  return `no node offers ${resource}${offered.size > 0 ? `; they offer ${[...offered].slice(0, 4).join(", ")}` : ""}`;
}

function whyTooSmall([resource, amount]: [string, number], nodes: readonly NodeFact[]): string {
  const most = Math.max(...nodes.map((node) => amountOf(node.allocatable[resource]) ?? 0));
  return `${formatAmount(resource, amount)} ${resource} in one pod, and no node has more than ${formatAmount(resource, most)}`;
}

function isTolerated(spec: PodSpec, { taints }: NodeFact): boolean {
  const tolerations: Record<string, any>[] = spec.tolerations ?? [];
  return taints
    .filter((taint) => taint.effect !== "PreferNoSchedule")
    .every((taint) =>
      tolerations.some(
        ({ key, operator = "Equal", value, effect }) =>
          (!effect || effect === taint.effect) &&
          (operator === "Exists"
            ? !key || key === taint.key
            : key === taint.key && (value ?? "") === (taint.value ?? "")),
      ),
    );
}

function whyTainted(nodes: readonly NodeFact[]): string {
  const taints = new Set(
    nodes.flatMap((node) => node.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`)),
  );
  const closed = nodes.filter((node) => node.unschedulable).length;
  const parts = [
    taints.size > 0 ? `taints ${[...taints].slice(0, 4).join(", ")}` : "",
    closed > 0 ? `${closed} take no pods (cordoned)` : "",
  ];
  return `of the ${nodes.length} nodes that fit, none takes it: ${parts.filter(Boolean).join("; ")}`;
}
