import { refKey } from "../../flow/object.ts";
import { type Check, gather, someOf } from "./check.ts";
import { hostsOf } from "./hosts-of.ts";

/** A host and path belongs to one. The second that asks for it gets nothing (Route) or half of the requests (Ingress). */
export const hosts: Check = ({ facts, decided }) => {
  if (!facts.hosts?.length) return [];
  const planned = new Set(decided.filter((one) => one.planned).map((one) => refKey(one.targetRef)));
  const holders = new Map<string, string[]>();
  for (const { host, path, by } of facts.hosts) {
    // Every Ingress without host shares that with others; and what is restored meets itself.
    if (host !== "" && !planned.has(by)) gather(holders, `${host} ${path}`, by);
  }
  return decided.flatMap(({ planned: object, targetRef }) => {
    if (!object) return [];
    const taken = hostsOf(object).filter(({ host, path }) => holders.has(`${host} ${path}`));
    if (taken.length === 0) return [];
    const by = taken.flatMap(({ host, path }) => holders.get(`${host} ${path}`) ?? []);
    return [
      {
        code: "HOST_TAKEN",
        severity: "warning" as const,
        subject: refKey(targetRef),
        message: `${someOf(taken.map(({ host, path }) => `${host}${path === "/" ? "" : path}`))} is taken by ${someOf(by)}`,
        advice: "change the host by a transform, or remove the other one",
      },
    ];
  });
};
