import { homedir } from "node:os";
import { join } from "node:path";

/** What is built once and kept: tools, images' contents, downloads. Safe to delete; the next `make lab` builds it again. */
export function cacheDir(...below: string[]): string {
  return join(process.env["HOLDFAST_CACHE"] ?? join(homedir(), ".cache", "holdfast"), ...below);
}

/** The lab's state: certificates, etcd, containerd, volumes, object stores, logs, pids. */
export function labDir(...below: string[]): string {
  return join(process.env["HOLDFAST_LAB_DIR"] ?? "/var/lib/holdfast-lab", ...below);
}

/** The folder of the lab's own sources. */
export function sourceDir(...below: string[]): string {
  return join(import.meta.dirname, ...below);
}

/** Links to every program that the lab built; first in the lab's PATH. */
export const binDir = () => labDir("bin");
/** One of the programs in {@link binDir}. */
export const program = (name: string) => labDir("bin", name);
export const logFile = (name: string) => labDir("log", `${name}.log`);
/** Generated configuration. */
export const configDir = (...below: string[]) => labDir("etc", ...below);
/** Sockets and other things that mean nothing after a stop. */
export const runDir = (...below: string[]) => labDir("run", ...below);
export const certificateDir = (...below: string[]) => labDir("pki", ...below);
/** The administrator's kubeconfig. */
export const adminKubeconfig = () => labDir("kubeconfig", "admin.yaml");
/** Where `readLab()` reads from. */
export const labFile = () => labDir("lab.json");

/** The kubelet lives where it lives on an ordinary node, because backup tools look for volumes there. */
export const kubeletDir = "/var/lib/kubelet";
