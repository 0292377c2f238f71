import type { Check } from "./check.ts";

/** What could not be looked at is said: a check that was not made is not one that passed. */
export const unread: Check = ({ facts }) => ({
  findings: () =>
    facts.unread.map(({ what, because }) => ({
      code: "CHECK_NOT_MADE",
      severity: "info",
      subject: what,
      message: `the target's ${what} could not be read, so nothing was compared with them: ${because}`,
      advice: /does not answer|conversion webhook/.test(because)
        ? "bring up what serves it, unless it comes with this restore"
        : `allow the caller to list ${what}, or see to them before the restore`,
    })),
});
