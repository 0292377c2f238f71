import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { type Check } from "./check.ts";

/**
 * Custom resources only lie there without their operator. Who may write the status of a kind is its operator: an account
 * of that sort with no ready pod behind it is an operator that is installed and not up.
 */
export const operators: Check = ({ facts }) => {
  const written = new Set<string>();
  return {
    see: ({ kind }) => written.add(kind),
    findings() {
      const down: Finding[] = [];
      const unseen: string[] = [];
      for (const [kind, { accounts, running, perhaps }] of facts.controllers ?? []) {
        if (!written.has(kind) || running.length > 0) continue;
        if (accounts.length > 0) down.push(notRunning(kind, accounts));
        else if (!perhaps) unseen.push(kind);
      }
      return unseen.length > 0 ? [...down, notSeen(unseen)] : down;
    },
  };
};

function notRunning(kind: string, accounts: readonly string[]): Finding {
  const namespaces = new Set(accounts.map((one) => one.split("/")[0] ?? ""));
  return {
    code: "OPERATOR_DOWN",
    severity: "warning",
    subject: kind,
    message: `its operator is installed (ServiceAccount ${someOf(accounts, 2)}), and no ready pod of it runs: objects of the kind come back and nothing acts on them`,
    advice: `kubectl get pods -n ${[...namespaces][0]}; bring the operator up before the restore`,
  };
}

function notSeen(kinds: readonly string[]): Finding {
  return {
    code: "OPERATOR_NOT_SEEN",
    severity: "warning",
    subject: kinds.length === 1 ? kinds[0]! : `${kinds.length} kinds`,
    message: `no account of the cluster may write the status of ${someOf(kinds)}: their operator does not seem to be installed, only their definitions`,
    advice: "install the operators of these kinds, in the versions of the point, before the restore",
  };
}
