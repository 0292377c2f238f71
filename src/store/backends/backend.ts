/** The port behind which a target's own small files lie. Keys are paths with "/"; restic writes its repositories itself. */
export interface Backend {
  /** For people: "s3://bucket/prefix at http://host:9000". Holds no secret. */
  readonly description: string;
  /** Durable and whole once it returns. With `ifAbsent`, Fault CONFLICT where the key exists. */
  put(key: string, body: Uint8Array, options?: { ifAbsent?: boolean }): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Every key that begins with `prefix`, in the order of their bytes. */
  list(prefix: string): AsyncIterable<string>;
  /** No error where there is none. */
  remove(key: string): Promise<void>;
  stat(key: string): Promise<{ readonly size: number } | undefined>;
  close(): void;
}

export interface BackendOptions {
  /** How long to wait for a target that does not answer. Default 300. */
  readonly patienceSeconds?: number;
  /** What is being waited for, for people. */
  readonly notes?: (text: string) => void;
  readonly signal?: AbortSignal;
}
