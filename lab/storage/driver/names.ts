import { createHash } from "node:crypto";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

/**
 * The id of the thing that the caller named. Ids follow from names alone, so a repeated request finds what the first
 * one made even if the driver was killed in between, and nothing but the disk has to remember it.
 */
export const idOf = (name: string): string => (/^[a-z0-9][a-z0-9-]{0,99}$/.test(name) ? name : `x-${hash(name)}`);

/** The id of one volume's snapshot within a group snapshot. */
export const memberId = (groupId: string, volumeId: string): string => `${groupId}.${hash(volumeId).slice(0, 12)}`;

/** Whether an id could be one of ours: whatever it says, it must never lead out of the pool's folders. */
export const isId = (id: string): boolean => /^[a-z0-9][a-z0-9.-]*$/.test(id);
