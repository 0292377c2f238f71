import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { kinds } from "../../profiles/kinds.ts";
import { podSpecsOf } from "../../profiles/pod-spec.ts";
import { workspaceOf } from "../../profiles/workspace.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** Settings that say where Python packages and environments of a workbench go. */
const packageSettings = new Set(["PIP_TARGET", "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_ENVS_PATH", "CONDA_PREFIX"]);
/** Options of Jupyter that say where its files are. */
const rootSetting = /--(?:ServerApp\.root_dir|NotebookApp\.notebook_dir|notebook-dir)[= ]"?'?(\/[^\s"']+)/;

/** Workbenches whose files, or packages, are in no volume: gone when they stop. */
export function workbenchFindings(inventory: Inventory): readonly Finding[] {
  return [...notebooks(inventory), ...workspaces(inventory)];
}

/** Of Kubeflow Notebooks 2: they name their claims, and the kind of workspace says where these are mounted. */
function workspaces(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, workspaceOf).flatMap(({ metadata, spec }) => {
    const { home, data } = spec?.podTemplate?.volumes ?? {};
    if (home || data?.length) return [];
    return [
      finding(
        "WORKBENCH_WITHOUT_VOLUME",
        `${metadata.namespace} Workspace/${metadata.name}`,
        "it names no claim: all that is written in it is lost when it is paused",
      ),
    ];
  });
}

function notebooks(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, kinds.notebook).flatMap((notebook) => {
    const { namespace, name } = notebook.metadata;
    const subject = `${namespace} Notebook/${name}`;
    const { container, mounts } = mountsOf(notebook);
    if (!container) return [];
    if (mounts.length === 0) {
      const where = container.workingDir ? `in ${container.workingDir}` : "in it";
      return [
        finding(
          "WORKBENCH_WITHOUT_VOLUME",
          subject,
          `it mounts no claim: all that is written ${where} is lost when it stops`,
        ),
      ];
    }
    const outside = placesOf(container).filter(({ path }) => !mounts.some((mount) => isInside(path, mount)));
    if (outside.length === 0) return [];
    const places = outside.map(({ path, by }) => `${path} (${by})`).join(", ");
    return [
      finding(
        "WORKBENCH_OUTSIDE_VOLUME",
        subject,
        `${places} is outside of its claims, which it mounts at ${mounts.join(", ")}`,
      ),
    ];
  });
}

/** The workbench's own container is the first; sidecars come behind it. */
function mountsOf(notebook: KubeObject): {
  readonly container?: Record<string, any>;
  readonly mounts: readonly string[];
} {
  const [spec] = podSpecsOf(notebook);
  const container = spec?.containers?.[0];
  const kept = new Set(
    (spec?.volumes ?? [])
      .filter((one: any) => one.persistentVolumeClaim || one.nfs || one.csi || one.cephfs)
      .map((one: any) => one.name),
  );
  const mounts = (container?.volumeMounts ?? []).filter((one: any) => kept.has(one.name) && !one.readOnly);
  return { container, mounts: mounts.map((one: any) => String(one.mountPath)) };
}

function placesOf(container: Record<string, any>): readonly { readonly path: string; readonly by: string }[] {
  const places: { path: string; by: string }[] = [];
  for (const { name, value } of container.env ?? []) {
    if (typeof value !== "string") continue;
    const root = rootSetting.exec(value)?.[1];
    if (root) places.push({ path: root, by: "Jupyter's directory" });
    if (packageSettings.has(name) && value.startsWith("/")) places.push({ path: value, by: name });
  }
  const words = [...(container.command ?? []), ...(container.args ?? [])].join(" ");
  const root = rootSetting.exec(words)?.[1];
  if (root) places.push({ path: root, by: "Jupyter's directory" });
  // Where nothing else is said, Jupyter begins where it is started.
  const { workingDir } = container;
  if (workingDir && !places.some(({ by }) => by === "Jupyter's directory"))
    places.push({ path: workingDir, by: "its working directory" });
  return places;
}

/** Either may be written with a "/" at its end. */
function isInside(path: string, mount: string): boolean {
  return `${path.replace(/\/$/, "")}/`.startsWith(`${mount.replace(/\/$/, "")}/`);
}
