import { setTimeout as sleep } from "node:timers/promises";
import { installHoldfast, connectTarget, applyExample } from "../../lab/demo/install.ts";
import { getJson, kubectl } from "../../lab/demo/kubectl.ts";
import { deployOperators, deployWorkload } from "../../lab/platform/deploy.ts";

/** The platform of the walkthrough with Holdfast beside it, on the running lab. What is there already stays. */
export async function standUp(): Promise<void> {
  await Promise.all([deployOperators().then(() => deployWorkload()), installHoldfast()]);
  await connectTarget();
  await applyExample("2-plan.yaml");
}

/** Lets the platform keep its registries in another namespace, which its operator then makes; as a person has to do it. */
export async function moveRegistries(registriesNamespace: string): Promise<void> {
  const patch = (component: object) =>
    kubectl(
      "patch",
      "dsc",
      "default-dsc",
      "--type=merge",
      "-p",
      JSON.stringify({ spec: { components: { modelregistry: component } } }),
    );
  await patch({ managementState: "Removed" });
  await patch({ managementState: "Managed", registriesNamespace });
  await kubectl("wait", "--for=create", `namespace/${registriesNamespace}`, "--timeout=60s");
}

/** Id of the run of a backup or restore: the label of everything that was made for it. */
export async function runOf(kind: string, name: string): Promise<string> {
  const { status } = await getJson(kind, name);
  return (status?.runner?.job ?? "").replace(/^(backup|restore)-/, "");
}

/**
 * What is left of a run (or of all runs of the operator) that should be gone: "what namespace/name". The operator takes back
 * what a run had once its runner has ended, which is a moment after the status says so; it gets a minute.
 */
export async function leftAfter(run?: string): Promise<string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const left = await leftovers(run);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(1000);
  }
}

async function leftovers(run?: string): Promise<string[]> {
  const found: string[] = [];
  const label = run ? `holdfast.dev/run=${run}` : "holdfast.dev/run";
  const kinds = [
    "volumesnapshots",
    "volumesnapshotcontents",
    "persistentvolumeclaims",
    "rolebindings",
    "serviceaccounts",
    "secrets",
  ];
  for (const kind of kinds) {
    const { items } = await getJson(kind, "-A", "-l", label);
    for (const { metadata } of items) {
      const ofOthers = metadata.name.startsWith("target-") || metadata.labels["holdfast.dev/run"].startsWith("cli-");
      if (!ofOthers) found.push(`${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    }
  }
  const movers = await kubectl(
    "get",
    "jobs",
    "-n",
    "holdfast-system",
    "-l",
    `app.kubernetes.io/component=mover,${label}`,
    "-o",
    "name",
  );
  return [...found, ...movers.split("\n").filter((line) => line !== "")];
}
