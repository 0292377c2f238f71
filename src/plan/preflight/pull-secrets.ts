import { someOf } from "../../base/some-of.ts";
import { refKey } from "../../flow/object.ts";
import { type Check, gather } from "./check.ts";

/** Secrets that images are pulled with: they come back with this restore, or are there. */
export const pullSecrets: Check = ({ target }) => {
  const users = new Map<string, string[]>();
  const written = new Set<string>();
  const need = (namespace: string, name: unknown, user: string) => {
    if (typeof name === "string" && name !== "")
      gather(users, refKey({ group: "", kind: "Secret", namespace, name }), user);
  };
  return {
    see(one) {
      const { kind, key, namespace } = one;
      if (kind === "Secret") written.add(key);
      for (const secret of one.pods?.specs.flatMap((spec) => spec.imagePullSecrets ?? []) ?? [])
        need(namespace, secret?.name, key);
      if (kind !== "ServiceAccount") return;
      for (const secret of one.object.imagePullSecrets ?? []) {
        // OpenShift makes one for each account, under a new name.
        if (!/-dockercfg-[a-z0-9]{5}$/.test(secret?.name ?? "")) need(namespace, secret?.name, key);
      }
    },
    findings: () =>
      [...users]
        .filter(([secret]) => !written.has(secret) && !target.existing.has(secret))
        .map(([secret, list]) => ({
          code: "PULL_SECRET_MISSING",
          severity: "warning" as const,
          subject: secret,
          message: `${someOf(list, 3)} pull their images with it; it is neither restored nor in the target`,
          advice: "create it before the restore, or include it",
        })),
  };
};
