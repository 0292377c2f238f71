/** Choosing objects for include and exclude, in backups and restores. The values live in flow, so that capture has them too. */
export { isChosen, isEmpty, matches } from "../flow/selector.ts";
export type { GvkSelector, LabelSelector, Selector } from "../flow/selector.ts";
