/**
 * The Pod Security Standards, levels baseline and restricted, as kubernetes.io documents them for v1.34. What a pod breaks,
 * in the words of the admission plugin's own messages. Exemptions of a cluster are not seen from outside.
 */
import type { PodSpec } from "../../profiles/pod-spec.ts";

export type Level = "privileged" | "baseline" | "restricted";

/** What of a pod the level refuses; nothing where it may run. */
export function refusedBy(level: Level, spec: PodSpec): readonly string[] {
  if (level === "privileged") return [];
  const broken = baseline(spec);
  return level === "baseline" ? broken : [...broken, ...(spec.os?.name === "windows" ? [] : restricted(spec))];
}

const baselineCapabilities = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);
const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  ...["ip_local_port_range", "ip_local_reserved_ports", "ip_unprivileged_port_start", "ping_group_range"].map(
    (one) => `net.ipv4.${one}`,
  ),
  ...["fin_timeout", "keepalive_intvl", "keepalive_probes", "keepalive_time", "rmem", "syncookies", "wmem"].map(
    (one) => `net.ipv4.tcp_${one}`,
  ),
]);
const seLinuxTypes = new Set(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);

type Part = Record<string, any>;

function baseline(spec: PodSpec): string[] {
  const pod: Part = spec.securityContext ?? {};
  const containers = containersOf(spec);
  const contexts: Part[] = [pod, ...containers.map((one) => one.securityContext ?? {})];
  const rules: [string, boolean][] = [
    ["host namespaces", Boolean(spec.hostNetwork || spec.hostPID || spec.hostIPC)],
    ["privileged", contexts.some((one) => one.privileged === true)],
    ["hostProcess", contexts.some((one) => one.windowsOptions?.hostProcess === true)],
    ["hostPath volumes", (spec.volumes ?? []).some((one: Part) => one.hostPath)],
    ["hostPort", containers.some((one) => (one.ports ?? []).some((port: Part) => port.hostPort))],
    ["host in probes or hooks", containers.some(namesHost)],
    [
      "non-default capabilities",
      contexts.some((one) => (one.capabilities?.add ?? []).some((name: string) => !baselineCapabilities.has(name))),
    ],
    ["seLinuxOptions", contexts.some((one) => one.seLinuxOptions && changesSeLinux(one.seLinuxOptions))],
    ["procMount", contexts.some((one) => (one.procMount ?? "Default") !== "Default")],
    ["seccompProfile Unconfined", contexts.some((one) => one.seccompProfile?.type === "Unconfined")],
    ["appArmorProfile Unconfined", contexts.some((one) => one.appArmorProfile?.type === "Unconfined")],
    ["forbidden sysctls", (pod.sysctls ?? []).some((one: Part) => !safeSysctls.has(one.name))],
  ];
  return rules.filter(([, broken]) => broken).map(([name]) => name);
}

function restricted(spec: PodSpec): string[] {
  const pod: Part = spec.securityContext ?? {};
  const containers = containersOf(spec).map((one): Part => one.securityContext ?? {});
  const confined = (one: Part) => ["RuntimeDefault", "Localhost"].includes(one.seccompProfile?.type);
  const rules: [string, boolean][] = [
    ["restricted volume types", (spec.volumes ?? []).some(isRestricted)],
    ["allowPrivilegeEscalation != false", containers.some((one) => one.allowPrivilegeEscalation !== false)],
    ["unrestricted capabilities", containers.some((one) => !dropsAll(one.capabilities ?? {}))],
    ["runAsNonRoot != true", !containers.every((one) => (one.runAsNonRoot ?? pod.runAsNonRoot) === true)],
    ["runAsUser=0", [pod, ...containers].some((one) => one.runAsUser === 0)],
    ["seccompProfile", !containers.every((one) => confined(one.seccompProfile ? one : pod))],
  ];
  return rules.filter(([, broken]) => broken).map(([name]) => name);
}

function containersOf(spec: PodSpec): Part[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

function changesSeLinux({ type = "", user, role }: Part): boolean {
  return !seLinuxTypes.has(type) || Boolean(user) || Boolean(role);
}

function namesHost(container: Part): boolean {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle = {} } = container;
  return [livenessProbe, readinessProbe, startupProbe, lifecycle.postStart, lifecycle.preStop].some(
    (one) => one?.httpGet?.host || one?.tcpSocket?.host,
  );
}

const freeVolumes = new Set(
  "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" "),
);

/** A volume without a source is an emptyDir. */
function isRestricted(volume: Part): boolean {
  return Object.keys(volume).some((one) => one !== "name" && !freeVolumes.has(one));
}

function dropsAll({ drop = [], add = [] }: Part): boolean {
  return drop.includes("ALL") && add.every((one: string) => one === "NET_BIND_SERVICE");
}
