import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { Fault, toFault } from "../../base/fault.ts";
import { connect } from "../../kube/connect.ts";
import type { KubeClient } from "../../kube/contract.ts";
import type { Readiness } from "../../plan/preflight/readiness.ts";
import { readinessText } from "../../plan/preflight/readiness-text.ts";
import { readTargetRecord, type TargetRecord, writeTargetRecord } from "../../plan/preflight/target-record.ts";
import { findPoint } from "../../run/backup.ts";
import { preflightRun, recordTarget } from "../../run/preflight.ts";
import { readRestoreOptions } from "../../run/transform-sets.ts";
import { restoreOptionsOf } from "../../run/specs.ts";
import { clientOf, withClient } from "../connection.ts";
import { collect, type Format, parseFormat, print } from "../output.ts";
import { isAddress, openPlace, placeHelp } from "../place.ts";
import { pointPlace } from "../point-place.ts";
import { checkFlags, restoreObject, type RestoreWords } from "../restore-order.ts";
import { asFlags } from "../words.ts";

interface Options extends RestoreWords {
  readonly from?: string;
  readonly keyFile?: string;
  readonly pointContext?: string;
  readonly targetFacts?: string;
  readonly record?: boolean;
  readonly output: Format;
}

export function preflightVerb(): Command {
  return new Command("preflight")
    .argument("[point]", "a ClusterBackup of the cluster (or NAMESPACE/Backup), or with --from the id of a point")
    .option("--from <target>", `where the point is: ${placeHelp}`)
    .option("--point-context <name>", "context of the cluster that knows the point, where it is not that of --context")
    .option(
      "--target-facts <file>",
      "compare with what --record wrote down of a cluster, and not with one that is there",
    )
    .option("--record", "write down what the cluster of --context is like, for --target-facts; no point is named")
    .option(
      "-n, --namespace <namespace>",
      "only this namespace of the point; more by commas, or the flag again",
      collect,
    )
    .option("--map <from=to>", "as if a namespace were restored under another name", collect)
    .option("--include <kind/name>", "only such objects, as for a restore", collect)
    .option("--exclude <kind/name>", "leave out objects, as for a restore", collect)
    .option("--storage-class <from=to>", "a storage class of the point -> of that cluster", collect)
    .option("--image-registry <from=to>", "a registry (or registry/path) of the point -> the one to use there", collect)
    .option("--host <from=to>", "a host or domain of the point -> the one to use there", collect)
    .option("--transform-set <name>", "a TransformSet of that cluster: NAMESPACE/NAME", collect)
    .option("--include-cluster-resources", "as if what is missing outside of namespaces were restored too")
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (text: string | undefined, options: Options, command: Command) => {
      if (options.record) return record(text, options, command);
      if (text === undefined)
        throw new Fault("USAGE", "no recovery point is named", { hint: "holdfast preflight POINT, or --record" });
      checkFlags(options);
      const readiness = await ask(text, options, command);
      print(readiness, options.output, () => asFlags(readinessText(readiness)));
      failUnlessReady(readiness);
    });
}

async function record(text: string | undefined, { output, targetFacts }: Options, command: Command): Promise<void> {
  if (text !== undefined || targetFacts !== undefined)
    throw new Fault("USAGE", "--record looks at a cluster, and at no point", {
      hint: "holdfast preflight --record > FILE",
    });
  const found = await withClient(command, recordTarget);
  print(writeTargetRecord(found), output === "yaml" ? "yaml" : "json", () => "");
}

/** The cluster that is asked about, or the record of one; and a client of it where there is one. */
async function ask(text: string, options: Options, command: Command): Promise<Readiness> {
  const against = options.targetFacts ? await recordIn(options.targetFacts) : await clientOf(command);
  try {
    return await withPoint(text, options, command, against);
  } finally {
    if (!isRecord(against)) await against.close();
  }
}

async function withPoint(
  text: string,
  { from, keyFile, pointContext, ...options }: Options,
  command: Command,
  against: KubeClient | TargetRecord,
): Promise<Readiness> {
  const isAlone = from !== undefined && isAddress(from);
  const own = isAlone || (!pointContext && !isRecord(against)) ? undefined : await knowing(command, pointContext);
  const client = own ?? (isRecord(against) ? undefined : against);
  try {
    const { place, id } = isAlone ? { place: from, id: text } : await pointPlace(client!, text, from).catch(hinted);
    const { store } = await openPlace(place, { ...(client ? { client } : {}), ...(keyFile ? { keyFile } : {}) });
    try {
      const point = await findPoint(store, id);
      return await preflightRun(store, { point, options: await optionsOf(point, options, against) }, against);
    } finally {
      await store.close();
    }
  } finally {
    await own?.close();
  }
}

function knowing(command: Command, pointContext: string | undefined): Promise<KubeClient> {
  if (!pointContext) return clientOf(command);
  const { kubeconfig } = command.optsWithGlobals<{ kubeconfig?: string }>();
  return connect({ ...(kubeconfig ? { kubeconfig } : {}), context: pointContext });
}

function hinted(error: unknown): never {
  const fault = toFault(error);
  if (fault.code !== "NOT_FOUND") throw fault;
  throw new Fault("NOT_FOUND", fault.message, {
    hint: "name the target (--from), or the cluster that knows the point (--point-context); holdfast points lists them",
  });
}

/** What exists there already is for a restore to decide about: here it is taken to be brought to what the point has. */
async function optionsOf(
  point: Parameters<typeof restoreOptionsOf>[1],
  words: Omit<Options, "from" | "keyFile" | "pointContext">,
  against: KubeClient | TargetRecord,
) {
  const asked: RestoreWords = { ...words, onConflict: ["patch"], onVolumeConflict: "keep" };
  const names = point.namespaces.map((one) => one.name);
  const restore = restoreObject("preflight", names, asked);
  if (!isRecord(against)) return readRestoreOptions(against, restore, point);
  if (words.transformSet)
    throw new Fault("USAGE", "--transform-set is read from the cluster, and --target-facts asks none", {
      hint: "leave one of them out",
    });
  return restoreOptionsOf(restore, point);
}

async function recordIn(file: string): Promise<TargetRecord> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new Fault("NOT_FOUND", `${file}: ${error.message}`, { hint: "holdfast preflight --record > FILE" });
  });
  return readTargetRecord(text, file);
}

function isRecord(against: KubeClient | TargetRecord): against is TargetRecord {
  return "facts" in against;
}

function failUnlessReady({ verdict, areas, point }: Readiness): void {
  if (verdict === "ready") return;
  const weakest = areas.filter((one) => one.verdict === verdict).map((one) => one.area);
  if (verdict === "blocked")
    throw new Fault("BLOCKED", `not all of ${point} would come up there: ${weakest.join(", ")}`, {
      hint: "see the findings above; holdfast preflight again when they are cured",
    });
  const what = verdict === "unknown" ? "could not be compared" : "would come up there with less";
  throw new Fault("DEGRADED", `${point} ${what}: ${weakest.join(", ")}`);
}
