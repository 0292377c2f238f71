/** SQLite: databases that are files of a pod (MLflow, Feast, Llama Stack, Jupyter, Milvus Lite), told by what its containers are given. */
import type { Database } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { Container } from "./database-images.ts";

/** "sqlite:////mlflow/mlflow.db", "sqlite+aiosqlite:///data/x.db?timeout=3": three slashes begin a path from the working directory. */
const uri = /\bsqlite3?(?:\+\w+)?:\/\/\/([^\s"'?,;]+)/g;
/** A file whose name says it, as a whole word of an argument or value. */
const file = /^(?:--?[\w.-]+=)?(\/[^\s"'?,;=]+\.sqlite3?)$/;

/** What the pod keeps in SQLite files on claims; undefined where nothing is seen of it. */
export function filesOfPod(pod: KubeObject): Database | undefined {
  const { namespace = "", name } = pod.metadata;
  const found = (pod.spec?.containers ?? []).flatMap((container: Container) =>
    pathsOf(container).flatMap((path) => {
      const claim = claimAt(pod, container, path);
      return claim ? [{ path, claim, image: String(container.image ?? "") }] : [];
    }),
  ) as { path: string; claim: string; image: string }[];
  const [first] = found;
  if (!first) return undefined;
  return {
    id: `${namespace}/${name}/sqlite`,
    engine: "sqlite",
    namespace,
    pod: name,
    address: pod.status?.podIP ?? "",
    port: 0,
    accounts: [],
    databases: [...new Set(found.map((one) => one.path))],
    volumes: [...new Set(found.map((one) => `${namespace}/${one.claim}`))],
    image: first.image,
    version: "3",
  };
}

function pathsOf(container: Container): string[] {
  const texts = [
    ...(container.command ?? []),
    ...(container.args ?? []),
    ...(container.env ?? []).map((one: any) => one.value ?? ""),
  ].map(String);
  const paths = texts.flatMap((text) => [
    ...[...text.matchAll(uri)].map(([, path]) => path!),
    ...(file.exec(text)?.slice(1, 2) ?? []),
  ]);
  return [...new Set(paths.map((path) => absolute(path, container.workingDir)))];
}

function absolute(path: string, workingDir: unknown): string {
  if (path.startsWith("/")) return path;
  const base = typeof workingDir === "string" ? workingDir.replace(/\/$/, "") : "";
  return `${base}/${path.replace(/^\.\//, "")}`;
}

/** The claim that is mounted where the path leads: the deepest mount decides. */
function claimAt(pod: KubeObject, container: Container, path: string): string | undefined {
  const mounts = (container.volumeMounts ?? []).filter((one: any) =>
    path.startsWith(`${String(one.mountPath).replace(/\/$/, "")}/`),
  );
  const mount = mounts.sort((a: any, b: any) => b.mountPath.length - a.mountPath.length)[0];
  const volume = (pod.spec?.volumes ?? []).find((one: any) => one.name === mount?.name);
  return volume?.persistentVolumeClaim?.claimName;
}
