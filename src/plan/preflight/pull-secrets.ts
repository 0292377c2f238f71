import { refKey } from "../../flow/object.ts";
import { type Check, gather, someOf } from "./check.ts";
import { workloadsOf } from "./workloads.ts";

/** Secrets that images are pulled with: they come back with this restore, or are there. */
export const pullSecrets: Check = ({ decided, target }) => {
  const users = new Map<string, string[]>();
  const planned = new Set(decided.filter((one) => one.planned).map((one) => refKey(one.targetRef)));
  const need = (namespace: string, name: unknown, user: string) => {
    if (typeof name !== "string" || name === "") return;
    const secret = refKey({ group: "", kind: "Secret", namespace, name });
    if (!planned.has(secret) && !target.existing.has(secret)) gather(users, secret, user);
  };
  for (const { one, specs, namespace } of workloadsOf(decided)) {
    for (const secret of specs.flatMap((spec) => spec.imagePullSecrets ?? []))
      need(namespace, secret?.name, refKey(one.targetRef));
  }
  for (const { planned: object, targetRef, component } of decided) {
    if (object?.kind !== "ServiceAccount" || targetRef.group !== "") continue;
    // OpenShift makes one for each account, under a new name.
    for (const secret of object.imagePullSecrets ?? [])
      if (!/-dockercfg-[a-z0-9]{5}$/.test(secret?.name ?? ""))
        need(component.restoreNamespace, secret?.name, refKey(targetRef));
  }
  return [...users].map(([secret, list]) => ({
    code: "PULL_SECRET_MISSING",
    severity: "warning" as const,
    subject: secret,
    message: `${someOf(list, 3)} pull their images with it; it is neither restored nor in the target`,
    advice: "create it before the restore, or include it",
  }));
};
