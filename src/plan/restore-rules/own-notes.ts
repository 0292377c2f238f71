import type { ChangeRule } from "./rule.ts";

/** Annotations of earlier restores say nothing of this one; but for what one turned off (was-...), which may be off still. */
export const ownNotes: ChangeRule = {
  name: "own-notes",
  change: (object) => {
    const { annotations } = object.metadata;
    for (const key of Object.keys(annotations ?? {}))
      if (/^holdfast\.dev\/(?!was-)/.test(key)) delete annotations?.[key];
    delete object.metadata.generateName;
    return undefined; // not worth a word
  },
};
