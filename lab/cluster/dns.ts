import { network } from "../network.ts";
import { configDir, labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { writeConfig } from "../run/files.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { apply } from "./kubectl.ts";
import { upstreamResolvConf } from "./kubelet.ts";

const healthPort = 18080;

/** CoreDNS, as a process on the bridge's address; pods reach it through the Service kube-dns. */
export const dns: Part = {
  name: "dns",
  needs: ["coredns-build", "apiserver", "network"],
  seconds: { cold: 2, warm: 2 },
  up: async () => {
    await apply(manifest);
    const file = configDir("Corefile");
    const kubeconfig = labDir("kubeconfig", "coredns.yaml");
    writeConfig(file, corefile(kubeconfig, upstreamResolvConf()));
    await ensureProcess({
      name: "coredns",
      command: program("coredns"),
      args: ["-conf", file],
      inputs: [file, kubeconfig],
      ready: {
        describe: "CoreDNS to be ready",
        seconds: 60,
        check: async () =>
          (await fetch(`http://127.0.0.1:${healthPort + 1}/ready`, { signal: AbortSignal.timeout(2000) })).ok,
      },
    });
  },
  down: () => stopProcess("coredns"),
  status: async () => (isRunning("coredns") ? `${network.dnsServiceAddress} -> ${network.bridgeAddress}` : "down"),
};

/** The Corefile: names of the cluster from the API server, all others from the host's servers. */
export function corefile(kubeconfig: string, resolvConf: string): string {
  const servers = [...resolvConf.matchAll(/^nameserver (\S+)/gm)].map(([, server]) => server);
  const forward = servers.length === 0 ? "" : `    forward . ${servers.join(" ")}\n`;
  return `.:${network.dnsPort} {
    bind ${network.bridgeAddress}
    errors
    health 127.0.0.1:${healthPort}
    ready 127.0.0.1:${healthPort + 1}
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${kubeconfig} holdfast-lab
        pods insecure
        fallthrough in-addr.arpa
        ttl 5
    }
${forward}    cache 5
}
`;
}

const manifest = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: "system:coredns" }
rules:
  - { apiGroups: [""], resources: [services, pods, namespaces], verbs: [list, watch] }
  - { apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: "system:coredns" }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:coredns" }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:coredns" }]
---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec:
  clusterIP: ${network.dnsServiceAddress}
  ports:
    - { name: dns, protocol: UDP, port: 53 }
    - { name: dns-tcp, protocol: TCP, port: 53 }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: kube-dns-host
  namespace: kube-system
  labels: { kubernetes.io/service-name: kube-dns }
addressType: IPv4
ports:
  - { name: dns, protocol: UDP, port: ${network.dnsPort} }
  - { name: dns-tcp, protocol: TCP, port: ${network.dnsPort} }
endpoints: [{ addresses: ["${network.bridgeAddress}"], conditions: { ready: true } }]
`;
