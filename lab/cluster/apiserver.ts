import { network } from "../network.ts";
import { certificateDir, configDir, labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { writeConfig } from "../run/files.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { etcdUrl } from "./etcd.ts";
import { serverUrl } from "./kubeconfig.ts";
import { kubectl } from "./kubectl.ts";

/** Who did what, and when: one line per finished request, without bodies. */
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: ["system:kube-scheduler", "system:kube-proxy", "system:apiserver", "system:kube-controller-manager"]
    verbs: [get, list, watch]
  - level: None
    resources: [{ group: coordination.k8s.io, resources: [leases] }]
  - level: Metadata
`;

/** The API server. */
export const apiserver: Part = {
  name: "apiserver",
  needs: ["kubernetes-build", "etcd", "certificates", "network"],
  seconds: { cold: 8, warm: 6 },
  up: async () => {
    const policyFile = configDir("audit-policy.yaml");
    writeConfig(policyFile, auditPolicy);
    await ensureProcess({
      name: "kube-apiserver",
      command: program("kube-apiserver"),
      args: [...flags(), `--audit-policy-file=${policyFile}`],
      inputs: [policyFile, certificateDir("apiserver.crt"), certificateDir("ca.crt")],
      ready: {
        describe: "the API server to be ready",
        seconds: 90,
        check: async () => (await kubectl(["get", "--raw", "/readyz"])).trim() === "ok",
      },
    });
  },
  down: () => stopProcess("kube-apiserver", 30),
  status: async () => (isRunning("kube-apiserver") ? serverUrl : "down"),
};

function flags(): string[] {
  const pki = certificateDir;
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${network.bridgeAddress}`,
    `--advertise-address=${network.bridgeAddress}`,
    `--secure-port=${network.apiServerPort}`,
    `--service-cluster-ip-range=${network.serviceCidr}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    `--client-ca-file=${pki("ca.crt")}`,
    `--tls-cert-file=${pki("apiserver.crt")}`,
    `--tls-private-key-file=${pki("apiserver.key")}`,
    `--kubelet-client-certificate=${pki("apiserver-kubelet-client.crt")}`,
    `--kubelet-client-key=${pki("apiserver-kubelet-client.key")}`,
    // Or logs and exec look the node's name up in DNS, and fail.
    "--kubelet-preferred-address-types=InternalIP",
    `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
    `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
    `--service-account-key-file=${pki("sa.pub")}`,
    `--service-account-signing-key-file=${pki("sa.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--audit-log-path=${labDir("log", "audit.log")}`,
    "--audit-log-maxsize=100",
    "--audit-log-maxbackup=3",
    "--event-ttl=2h",
    // A load test of hundreds of requests in flight is a normal thing here.
    "--max-requests-inflight=800",
    "--max-mutating-requests-inflight=400",
  ];
}
