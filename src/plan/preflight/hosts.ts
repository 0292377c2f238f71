import { someOf } from "../../base/some-of.ts";
import { type Check, gather } from "./check.ts";
import { hostKinds, hostsOf } from "./hosts-of.ts";

/** A host and path belongs to one. The second that asks for it gets nothing (Route) or half of the requests (Ingress). */
export const hosts: Check = ({ facts }) => {
  const asked: { readonly key: string; readonly places: readonly string[] }[] = [];
  const mapped = new Map<string, string[]>(); // what comes of two hosts that a map makes one
  return {
    see(written) {
      if (!hostKinds.has(written.kind)) return;
      // Every Ingress without host shares that with others.
      const places = hostsOf(written.object).filter(({ host }) => host !== "");
      const texts = places.map(({ host, path }) => `${host} ${path}`);
      if (texts.length > 0) asked.push({ key: written.key, places: texts });
      if (written.one.component.hostMap) for (const text of texts) gather(mapped, text, written.key);
    },
    findings() {
      const own = new Set(asked.map((one) => one.key)); // what is restored meets itself
      const holders = new Map<string, string[]>();
      for (const { host, path, by } of facts.hosts ?? []) if (!own.has(by)) gather(holders, `${host} ${path}`, by);
      const twice = [...mapped].flatMap(([place, by]) =>
        by.length < 2
          ? []
          : [
              {
                code: "HOST_TAKEN",
                severity: "warning" as const,
                subject: someOf(by),
                message: `${readable(place)} is asked for ${by.length} times in this restore`,
                advice: "look at hostMap: two hosts of the point became one",
              },
            ],
      );
      const others = asked.flatMap(({ key, places }) => {
        const taken = places.filter((one) => holders.has(one));
        if (taken.length === 0) return [];
        const by = someOf(taken.flatMap((one) => holders.get(one) ?? []));
        return [
          {
            code: "HOST_TAKEN",
            severity: "warning" as const,
            subject: key,
            message: `${someOf(taken.map(readable))} is taken by ${by}`,
            advice: "change the host by a transform or hostMap, or remove the other one",
          },
        ];
      });
      return [...twice, ...others];
    },
  };
};

function readable(place: string): string {
  return place.replace(" ", "").replace(/\/$/, "");
}
