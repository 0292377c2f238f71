/** How long a restore waits for what stands in its way, in seconds. No wait of a restore is without a deadline. */
export interface Deadlines {
  /** A namespace that is being deleted. */
  readonly namespaceGone: number;
  /** An object that is being deleted. */
  readonly objectGone: number;
  /** A namespace or object that begins to be deleted while we write. */
  readonly terminating: number;
  /** An admission webhook that does not answer. */
  readonly webhookDown: number;
  /** An admission webhook that says no: it may only be waiting for something that is still to come. */
  readonly denied: number;
  /** A quota that is used up: what is on its way out gives back. */
  readonly quota: number;
  /** The API server. */
  readonly unavailable: number;
  /** A kind that was just made, or somebody else's write between our read and ours. */
  readonly racing: number;
}

export const defaultDeadlines: Deadlines = {
  namespaceGone: 600,
  objectGone: 300,
  terminating: 300,
  webhookDown: 180,
  denied: 60,
  quota: 120,
  unavailable: 300,
  racing: 30,
};
