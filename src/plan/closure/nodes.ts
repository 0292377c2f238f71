/** Names of what is no object of the cluster, in chains. */
import type { PipelineRows, RegistryRows } from "../../flow/rows.ts";

export const versionKey = ({ registry }: Pick<RegistryRows, "registry">, id: string): string =>
  `version:${registry}/${id}`;

export const artifactKey = ({ registry }: Pick<RegistryRows, "registry">, id: string): string =>
  `artifact:${registry}/${id}`;

/** Where no rows say which pipeline a run is of, `id` is "". */
export const pipelineKey = ({ database }: Pick<PipelineRows, "database">, id: string): string =>
  `pipeline:${database}/${id || "-"}`;

export const definitionKey = ({ database }: Pick<PipelineRows, "database">, id: string): string =>
  `definition:${database}/${id}`;

export const runKey = ({ database }: Pick<PipelineRows, "database">, id: string): string => `run:${database}/${id}`;
