import type { ChangeRule } from "./rule.ts";

/** Annotations of earlier restores say nothing of this one. */
export const ownNotes: ChangeRule = {
  name: "own-notes",
  change: (object) => {
    const { annotations } = object.metadata;
    for (const key of Object.keys(annotations ?? {})) if (key.startsWith("holdfast.dev/")) delete annotations?.[key];
    delete object.metadata.generateName;
    return undefined; // not worth a word
  },
};
