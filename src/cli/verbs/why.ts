import { Command } from "commander";
import { Fault } from "../../base/fault.ts";
import { silentProgress } from "../../base/progress.ts";
import type { BackupScope } from "../../flow/backup-scope.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type ObjectRef, refKey } from "../../flow/object.ts";
import type { Decision } from "../../flow/restore-plan.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { type Why, why } from "../../plan/why.ts";
import { whyText } from "../../plan/why-text.ts";
import { findPoint } from "../../run/backup.ts";
import { planRestoreRun } from "../../run/restore.ts";
import { discoverScope } from "../../run/scope.ts";
import { restoreOptionsOf, scopeOf } from "../../run/specs.ts";
import { withClient } from "../connection.ts";
import { findPlan } from "../find-plan.ts";
import { localRun } from "../local-run.ts";
import { objectNamed } from "../object-words.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { placeHelp } from "../place.ts";
import { pointPlace } from "../point-place.ts";
import { restoreObject } from "../restore-order.ts";

interface Options {
  readonly plan?: string;
  readonly point?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly output: Format;
}

export function whyVerb(): Command {
  return new Command("why")
    .argument("<namespace>", "where the object is, or whose backup is asked about")
    .argument("<object>", "KIND/NAME or KIND.GROUP/NAME")
    .option("--plan <plan>", "ClusterBackupPlan, or NAMESPACE/BackupPlan (default: a backup of the whole namespace)")
    .option("--point <point>", "what a restore of this recovery point, or backup, does with it here")
    .option("--from <target>", `for --point without operator: ${placeHelp}`)
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (namespace: string, object: string, options: Options, command: Command) => {
      if (options.point && options.plan)
        throw new Fault("USAGE", "--plan is about a backup, --point about a restore", { hint: "give one of them" });
      await withClient(command, async (client) => {
        const ref = objectNamed(object, namespace, await client.resources(() => {}));
        if (options.point) return ofPoint(client, ref, namespace, { ...options, point: options.point });
        const { answer, whose } = await ofBackup(client, ref, namespace, options.plan);
        print(answer, options.output, () => whyText(answer, whose));
      });
    });
}

async function ofBackup(
  client: KubeClient,
  ref: ObjectRef,
  namespace: string,
  plan: string | undefined,
): Promise<{ answer: Why; whose: string }> {
  const whose = plan ? `a backup of plan ${plan}` : `a backup of namespace ${namespace}`;
  const scope: BackupScope = plan ? scopeOf(await findPlan(client, plan)) : { namespaces: [{ name: namespace }] };
  const { inventory, selection } = await discoverScope(client, scope, silentProgress);
  const isKnown = inventory.objects.some((one) => refKey(one.ref) === refKey(ref));
  if (isKnown) return { answer: why(inventory, ref, selection), whose };
  return { answer: await whyUnseen(client, ref, inventory), whose };
}

/** Discovery did not come to it: it does not exist, its kind is not read, or nothing leads there. */
async function whyUnseen(client: KubeClient, ref: ObjectRef, inventory: Inventory): Promise<Why> {
  const resource = await client.resource(ref.group, ref.kind);
  const found = resource && (await client.find(resource, ref.name, ref.namespace));
  if (!found) {
    throw new Fault("NOT_FOUND", `there is no ${refKey(ref)}`, {
      hint: `kubectl get ${resource?.plural ?? ref.kind.toLowerCase()}${ref.namespace ? ` -n ${ref.namespace}` : ""}`,
    });
  }
  const out = (rule: string, reason: string): Why => ({
    object: ref,
    backup: { in: false, rule, reason },
    path: [],
    neededBy: [],
    leansOn: [],
    carries: [],
  });
  if (!ref.namespace)
    return out("not-reached", "nothing in the namespaces leans on it, and no includeClusterResources chooses it");
  if (!inventory.namespaces.includes(ref.namespace))
    return out(
      "namespace",
      `the plan does not choose namespace ${ref.namespace}: it protects ${inventory.namespaces.join(", ")}`,
    );
  return out(
    "not-read",
    `objects of kind ${ref.kind} cannot be written back, or only mirror others: they are not read`,
  );
}

/** The decision of a restore of the whole namespace, from the point and this cluster. */
async function ofPoint(
  client: KubeClient,
  ref: ObjectRef,
  namespace: string,
  { point: text, from, keyFile, output }: Options & { readonly point: string },
): Promise<void> {
  const { place, id } = await pointPlace(client, text, from);
  const options = { place, readOnly: true, ...(keyFile ? { keyFile } : {}) };
  await localRun(client, options, async (deps, run) => {
    const point = await findPoint(deps.target, id);
    const names = point.namespaces.map((one) => one.name);
    if (!names.includes(namespace))
      throw new Fault("NOT_FOUND", `recovery point ${point.id} holds no namespace ${namespace}`, {
        hint: `it holds ${names.join(", ")}`,
      });
    const restore = restoreObject("why", names, { namespace: [namespace] });
    const progress = { ...deps.progress, stage() {}, finding() {} };
    const plan = await planRestoreRun({ ...deps, progress }, { run, point, options: restoreOptionsOf(restore, point) });
    const decision = plan.decisions.find((one) => refKey(one.ref) === refKey(ref));
    if (!decision)
      throw new Fault("NOT_FOUND", `recovery point ${point.id} does not hold ${refKey(ref)}`, {
        hint: `holdfast describe ${point.id}`,
      });
    print(decision, output, () => decisionText(decision, point.id));
  });
}

function decisionText({ ref, action, rule, reason }: Decision, point: string): string {
  const word = action === "create" ? "writes it" : "leaves it out";
  return [`${refKey(ref)} is in recovery point ${point}`, `  a restore     ${word}: ${reason} (rule ${rule})`].join(
    "\n",
  );
}
