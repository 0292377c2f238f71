import { ask, askJson } from "./http.ts";
import { appNamespace, pipelineServerName } from "./settings.ts";
import { serviceAddress, type Where } from "./where.ts";
import { waitFor } from "../run/wait.ts";

/** A run as the pipeline server's REST API tells it. */
export interface PipelineRun {
  readonly run_id: string;
  readonly display_name: string;
  readonly state: string;
  readonly experiment_id?: string;
  readonly recurring_run_id?: string;
  readonly service_account?: string;
  readonly created_at?: string;
  readonly scheduled_at?: string;
  readonly finished_at?: string;
  readonly pipeline_version_reference?: { readonly pipeline_id: string; readonly pipeline_version_id: string };
  /** In no order. */
  readonly run_details?: { readonly task_details?: readonly { readonly task_id: string }[] };
  readonly state_history?: readonly { readonly update_time: string; readonly state: string }[];
}

export interface RecurringRun {
  readonly recurring_run_id: string;
  readonly display_name: string;
  /** "ENABLED" or "DISABLED". */
  readonly status: string;
  readonly trigger?: object;
  readonly experiment_id?: string;
  readonly pipeline_version_reference?: PipelineVersion;
}

export interface PipelineVersion {
  readonly pipeline_id: string;
  readonly pipeline_version_id: string;
}

/** The base of the pipeline server's REST API, through its Service; waits until it answers. */
export async function openPipelines(where: Where = {}): Promise<string> {
  let base = "";
  await waitFor({
    describe: "the pipeline server to answer",
    check: async () => {
      const address = await serviceAddress(where, appNamespace, `ds-pipeline-${pipelineServerName}`);
      base = `http://${address}:8888/apis/v2beta1`;
      const { status } = await ask(`${base}/runs?page_size=1`, { seconds: 5 });
      if (status !== 200) throw new Error(`HTTP ${status}`);
      return true;
    },
    seconds: where.seconds ?? 180,
  });
  return base;
}

/** Every run that the server remembers, oldest first. */
export async function readRuns(base: string): Promise<PipelineRun[]> {
  return await itemsOf(base, "runs", "runs");
}

export async function readRecurringRuns(base: string): Promise<RecurringRun[]> {
  return await itemsOf(base, "recurringruns", "recurringRuns");
}

/** Uploads a manifest as a new pipeline, or returns the newest version of the one that has the name. */
export async function ensurePipeline(base: string, name: string, manifest: object): Promise<PipelineVersion> {
  const known = (await itemsOf<{ pipeline_id: string; display_name: string }>(base, "pipelines", "pipelines")).find(
    (one) => one.display_name === name,
  );
  const id = known?.pipeline_id ?? (await upload(base, name, manifest));
  const versions = await itemsOf<PipelineVersion>(base, `pipelines/${id}/versions`, "pipeline_versions");
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`the pipeline ${name} has no version`);
  return { pipeline_id: id, pipeline_version_id: newest.pipeline_version_id };
}

async function upload(base: string, name: string, manifest: object): Promise<string> {
  const form = new FormData();
  form.set("uploadfile", new Blob([JSON.stringify(manifest)]), `${name}.yaml`);
  const query = new URLSearchParams({ name, display_name: name });
  const response = await fetch(`${base}/pipelines/upload?${query}`, {
    method: "POST",
    body: form,
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`upload of pipeline ${name}: HTTP ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text).pipeline_id;
}

/** Starts a run of a pipeline. */
export async function startRun(
  base: string,
  name: string,
  version: PipelineVersion,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<PipelineRun> {
  return await askJson(`${base}/runs`, {
    method: "POST",
    body: { display_name: name, pipeline_version_reference: version, runtime_config: { parameters } },
  });
}

/** Waits until a run has ended well. */
export async function runSucceeded(base: string, id: string, seconds: number): Promise<void> {
  await waitFor({
    describe: `pipeline run ${id} to succeed`,
    check: async () => {
      const { state = "not started", error } = await askJson(`${base}/runs/${id}`);
      if (state === "SUCCEEDED") return true;
      throw new Error(`it is ${state}${error === undefined ? "" : `: ${JSON.stringify(error)}`}`);
    },
    seconds,
  });
}

export interface Schedule {
  readonly cron?: string;
  readonly everySeconds?: number;
  readonly catchUp?: boolean;
}

/** A recurring run of a pipeline, enabled; the one of this name, if there is one already. */
export async function ensureRecurringRun(
  base: string,
  name: string,
  version: PipelineVersion,
  { cron, everySeconds, catchUp = false }: Schedule,
): Promise<RecurringRun> {
  const known = (await readRecurringRuns(base)).find((one) => one.display_name === name);
  if (known !== undefined) return known;
  const trigger =
    everySeconds === undefined
      ? { cron_schedule: { cron } }
      : { periodic_schedule: { interval_second: String(everySeconds) } };
  return await askJson(`${base}/recurringruns`, {
    method: "POST",
    body: {
      display_name: name,
      pipeline_version_reference: version,
      runtime_config: {},
      max_concurrency: "1",
      mode: "ENABLE",
      no_catchup: !catchUp,
      trigger,
    },
  });
}

/** Switches a recurring run on or off, as the dashboard does it. */
export async function switchRecurringRun(base: string, id: string, to: "enable" | "disable"): Promise<void> {
  await askJson(`${base}/recurringruns/${id}:${to}`, { method: "POST" });
}

async function itemsOf<T>(base: string, path: string, field: string): Promise<T[]> {
  const items: T[] = [];
  for (let token = ""; ; ) {
    const query = new URLSearchParams({ page_size: "100", sort_by: "created_at asc" });
    if (token !== "") query.set("page_token", token);
    const page = await askJson(`${base}/${path}?${query}`);
    items.push(...(page[field] ?? []));
    token = page.next_page_token ?? "";
    if (token === "") return items;
  }
}
