/** Rows of platform databases that say where bytes are, or where they came from. Plain data, without values of secrets. */

/** What a model registry knows. Part of a recovery point: two points tell what was registered between them. */
export interface RegistryRows {
  readonly registry: string; // "<namespace>/<name>"
  readonly versions: readonly RegisteredVersion[];
  /** Artifacts of which no version is known. */
  readonly apart: readonly RegisteredArtifact[];
}

export interface RegisteredVersion {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly modelId: string;
  readonly state: string; // "LIVE", "ARCHIVED"
  /** Milliseconds since the epoch, as the registry has it. */
  readonly updated: string;
  readonly artifacts: readonly RegisteredArtifact[];
}

export interface RegisteredArtifact {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly updated: string;
  readonly uri?: string;
  /** A connection Secret of the serving namespace, and the path behind it. */
  readonly storageKey?: string;
  readonly storagePath?: string;
  readonly source?: ArtifactSource;
}

/** Where a model came from: {kind: "dsp", class: "pipelinerun", group: "<namespace>", id: "<run>"}. */
export interface ArtifactSource {
  readonly kind: string;
  readonly class?: string;
  readonly group?: string;
  readonly id?: string;
  readonly name?: string;
}

/** What a pipeline server's database knows. */
export interface PipelineRows {
  readonly database: string; // id of the Database
  readonly versions: readonly PipelineVersionRow[];
  /** The newest ones. */
  readonly runs: readonly PipelineRunRow[];
  /** Runs beside those that are listed. */
  readonly more?: number;
}

export interface PipelineVersionRow {
  readonly id: string;
  readonly name: string;
  readonly pipeline: string;
  readonly namespace?: string;
  readonly images: readonly string[];
  /** That its steps import, or keep their results at. */
  readonly uris: readonly string[];
}

export interface PipelineRunRow {
  readonly id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly version?: string; // id of its PipelineVersionRow
  readonly state: string;
  readonly artifacts: readonly { readonly name: string; readonly uri: string }[];
}
