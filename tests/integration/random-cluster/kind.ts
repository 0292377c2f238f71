/** What the generator knows of a kind: how many, how named, with which content. */
import type { KubeObject } from "../../../src/flow/object.ts";
import type { NameRule } from "./texts.ts";
import type { Random } from "./random.ts";

/** What an object may look at while it is made. */
export interface Maker {
  readonly random: Random;
  readonly namespace: string;
  readonly namespaces: readonly string[];
  readonly name: string;
  /** The name of an earlier object of this kind in the namespace, or of none that exists. */
  named(kind: string): string;
}

/** All of an object but its identity. `status` goes by the second call, where the kind has one. */
export interface Content {
  readonly metadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface KindSpec {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly names?: NameRule;
  /** Least and most in one namespace. */
  readonly count: readonly [number, number];
  readonly make: (maker: Maker) => Content;
  /** Has no part in the random owner references. */
  readonly plain?: boolean;
}

/** An object on its way to the API server. Whole numbers beyond 53 bits are BigInt. */
export interface Draft {
  readonly spec: KindSpec;
  readonly object: KubeObject;
  readonly owners: readonly OwnerDraft[];
  /** Another field manager's change after the creation. */
  readonly second?: Readonly<Record<string, unknown>>;
  /** Is told to go before the backup, and held by a finalizer. */
  readonly leaving?: boolean;
}

export interface OwnerDraft {
  /** None: the owner is gone, with an uid that nobody has. */
  readonly draft?: Draft;
  readonly controller: boolean;
  readonly blocks: boolean;
}
