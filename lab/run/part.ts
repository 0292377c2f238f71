/**
 * One piece of the lab, in one file. Every function may be called again at any time, also after it was killed in the
 * middle: it looks at what is there and does what is missing.
 */
export interface Part {
  readonly name: string;
  /** Names of the parts that must be built before this one is built, and up before this one comes up. */
  readonly needs: readonly string[];
  /** What it takes on two cores, build and up together: with nothing in the cache, and with everything in it. */
  readonly seconds: { readonly cold: number; readonly warm: number };
  /** Its build uses every core by itself, so only one such build runs at a time. */
  readonly usesAllCores?: boolean;
  /** Makes what does not depend on a running cluster, into the cache. */
  readonly build?: () => Promise<void>;
  /** Brings it up and returns when it works. */
  readonly up?: () => Promise<void>;
  /** Stops it, keeps its state. Called in reverse order. */
  readonly down?: () => Promise<void>;
  /** Throws its state away; called after `down`. */
  readonly reset?: () => Promise<void>;
  /** One line for `lab-status`. */
  readonly status?: () => Promise<string>;
}
