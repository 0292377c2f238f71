import { readdir, readFile, readlink } from "node:fs/promises";
import { getJson } from "../../lab/demo/kubectl.ts";

/** Pids of the processes of a pod, by its UID in their cgroup. */
export async function pidsOfPod(uid: string): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const cgroups = await readFile(`/proc/${entry}/cgroup`, "utf8").catch(() => "");
    if (!cgroups.includes(uid) && !cgroups.includes(uid.replaceAll("-", "_"))) continue;
    const program = await readlink(`/proc/${entry}/exe`).catch(() => "");
    if (program !== "" && !program.endsWith("/pause")) pids.push(Number(entry));
  }
  return pids;
}

/** kill -9 for every process of the pods with these labels. Gives how many were killed. */
export async function killPods(namespace: string, labels: string): Promise<number> {
  const { items } = await getJson("pods", "-n", namespace, "-l", labels);
  let killed = 0;
  for (const pod of items as { metadata: { uid: string }; status: { phase: string } }[]) {
    if (pod.status.phase !== "Running") continue;
    for (const pid of await pidsOfPod(pod.metadata.uid)) {
      try {
        process.kill(pid, "SIGKILL");
        killed++;
      } catch {
        // it ended by itself in between
      }
    }
  }
  return killed;
}

/** Looks once through every process's arguments for texts that must not be there. Gives the programs that showed one. */
export async function processesShowing(texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (texts.some((text) => command.includes(text))) found.push(command.split("\0")[0] ?? entry);
  }
  return found;
}
