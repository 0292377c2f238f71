import { installHoldfast, connectTarget, applyExample } from "../../lab/demo/install.ts";
import { kubectl } from "../../lab/demo/kubectl.ts";
import { deployOperators, deployWorkload } from "../../lab/platform/deploy.ts";

/** The platform of the walkthrough with Holdfast beside it, on the running lab. What is there already stays. */
export async function standUp(): Promise<void> {
  await Promise.all([deployOperators().then(() => deployWorkload()), installHoldfast()]);
  await connectTarget();
  await applyExample("2-plan.yaml");
}

/** Objects of Holdfast's runs that should be gone once a run has ended: "what namespace/name". */
export async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  const kinds = [
    "volumesnapshots",
    "volumesnapshotcontents",
    "persistentvolumeclaims",
    "rolebindings",
    "serviceaccounts",
    "secrets",
  ];
  for (const kind of kinds) {
    const text = await kubectl(
      "get",
      kind,
      "-A",
      "-l",
      "holdfast.dev/run",
      "-o",
      "jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{'\\n'}{end}",
    );
    for (const name of text.split("\n").filter((line) => line !== "" && !/\/target-/.test(line)))
      found.push(`${kind} ${name}`);
  }
  const movers = await kubectl(
    "get",
    "jobs",
    "-n",
    "holdfast-system",
    "-l",
    "app.kubernetes.io/component=mover",
    "-o",
    "name",
  );
  return [...found, ...movers.split("\n").filter((line) => line !== "")];
}
