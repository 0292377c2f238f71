/**
 * `make demo`: a real AI platform is protected, lost, and comes back as the application it was. Ends with a table, before
 * and after; any difference is exit code 1. DISASTER=namespaces (default), workload or cluster.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { formatBytes } from "../../src/base/sizes.ts";
import { holdfastImage } from "../holdfast.part.ts";
import { reset, up } from "../lab.ts";
import { adminKubeconfig, binDir } from "../paths.ts";
import { deployOperators, deployWorkload } from "../platform/deploy.ts";
import { addNotes, irisPrediction, registerVersion } from "../platform/probes.ts";
import { deleteNamespaces, deleteWorkload, type Disaster, loseCluster, parseDisaster } from "./disaster.ts";
import { type Facts, factRows, gatherFacts } from "./facts.ts";
import { applyExample, connectTarget, installHoldfast, keepPlace, type KeptPlace } from "./install.ts";
import { awaitRun, kubectl, type RunStatus } from "./kubectl.ts";
import { chapter, compare, detail, elapsed, say } from "./story.ts";

const full = "rhoai-demo-backup-baseline";
const incremental = "rhoai-demo-backup-with-notes";
const restored = "rhoai-restore-pit";

async function demo(disaster: Disaster): Promise<number> {
  chapter("The lab: Kubernetes, storage, object stores (cached after the first time)");
  await up([holdfastImage]);
  chapter("The AI platform of the walkthrough, and Holdfast beside it");
  await startFresh();
  await Promise.all([deployOperators().then(() => deployWorkload()), installHoldfast()]);
  await connectTarget();
  await applyExample("2-plan.yaml");

  chapter("A Full backup over both namespaces");
  await applyExample("3-backup-baseline.yaml");
  const first = await awaitRun("clusterbackup", full, 900, detail);

  chapter("Work goes on: notes in the workbench, a new model version; then an Incremental");
  await addNotes("This is the state I want to be able to come back to.");
  await registerVersion("v1.1.0");
  await applyExample("4-backup-with-notes.yaml");
  const second = await awaitRun("clusterbackup", incremental, 900, detail);
  say(await kubectl("get", "clusterbackup"));

  chapter("What the application answers now");
  const before = await gatherFacts();
  const kept = await keepPlace();

  chapter(`Disaster: ${disaster}`);
  const struckAt = Date.now();
  await strike(disaster, kept);
  const gone = await irisPrediction().then(
    () => false,
    () => true,
  );
  if (!gone) throw new Error("the disaster did not work: the iris endpoint still answers");
  detail(`the application is gone, ${elapsed(struckAt)} after it began`);

  chapter("Restore");
  await applyExample("5-restore.yaml");
  const [status, answeredAt] = await Promise.all([
    awaitRun("clusterrestore", restored, 1200, detail),
    firstPrediction(),
  ]);

  for (const { code, subject } of status.findings ?? [])
    if (code === "RECURRING_RUN_DISABLED") detail(`${subject} is off until somebody wants it: nothing runs by itself`);

  chapter("Proof: the same questions again");
  const after = await gatherFacts();
  return report({ disaster, before, after, first, second, status, struckAt, answeredAt });
}

/** A demo that ran here before must not answer for this one. */
async function startFresh(): Promise<void> {
  const left = await kubectl("get", "namespaces", "-o", "name");
  if (!left.includes("namespace/rhoai-demo") && !left.includes("namespace/holdfast-system")) return;
  detail("an earlier demo is still here: starting on a fresh cluster");
  await reset();
}

async function strike(disaster: Disaster, kept: KeptPlace): Promise<void> {
  if (disaster === "namespaces") return deleteNamespaces();
  if (disaster === "workload") return deleteWorkload();
  await loseCluster(kept, incremental);
  say(await kubectl("get", "clusterbackup"));
}

async function firstPrediction(): Promise<number> {
  const deadline = Date.now() + 1200_000;
  while (Date.now() < deadline) {
    const answer = await irisPrediction().catch(() => undefined);
    if (JSON.stringify(answer) === "[0,2]") return Date.now();
    await sleep(1000);
  }
  throw new Error("no right prediction within 20 minutes");
}

interface Ending {
  readonly disaster: Disaster;
  readonly before: Facts;
  readonly after: Facts;
  readonly first: RunStatus;
  readonly second: RunStatus;
  readonly status: RunStatus;
  readonly struckAt: number;
  readonly answeredAt: number;
}

function report(ending: Ending): number {
  const { first, second, status } = ending;
  const different = compare(factRows(ending.before, ending.after));
  say("");
  say(
    `Full backup         ${first.duration}, ${formatBytes(first.size ?? 0)} added, everything cut within ${first.fence?.milliseconds} ms`,
  );
  say(
    `Incremental backup  ${second.duration}, ${formatBytes(second.size ?? 0)} added, everything cut within ${second.fence?.milliseconds} ms`,
  );
  say(`Restore             ${status.duration}`);
  say(`From disaster to the first right prediction: ${elapsed(ending.struckAt, ending.answeredAt)}`);
  say(
    different.length === 0
      ? `\nDisaster "${ending.disaster}": the application is back, no difference.`
      : `\nDisaster "${ending.disaster}": ${different.length} differences.`,
  );
  say(`
The lab stays up. Look around:
  export KUBECONFIG=${adminKubeconfig()} PATH=${binDir()}:$PATH
  kubectl get clusterbackup,clusterrestore
  kubectl get notebooks,inferenceservices,pods -n rhoai-demo
Take it down:
  make lab-down`);
  return different.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await demo(parseDisaster(process.env["DISASTER"]));
} catch (error) {
  say(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
