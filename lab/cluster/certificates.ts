import { rmSync } from "node:fs";
import { network, nodeName } from "../network.ts";
import { certificateDir, labDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureKubeconfig } from "./kubeconfig.ts";
import { ensureAuthority, ensureCertificate, ensureServiceAccountKey } from "./pki.ts";

/** The cluster's authorities, the certificates of its parts, and their kubeconfigs. */
export const certificates: Part = {
  name: "certificates",
  needs: ["apt"],
  seconds: { cold: 1, warm: 1 },
  up: async () => {
    await Promise.all([ensureAuthority("ca"), ensureAuthority("front-proxy-ca")]);
    await ensureServiceAccountKey();
    await Promise.all([
      ensureCertificate({ name: "apiserver", commonName: "kube-apiserver", hosts: apiServerNames }),
      ensureCertificate({
        name: "apiserver-kubelet-client",
        commonName: "kube-apiserver",
        organization: "system:masters",
      }),
      ensureCertificate({ name: "front-proxy-client", commonName: "front-proxy-client", authority: "front-proxy-ca" }),
      ensureCertificate({ name: "kubelet", commonName: nodeName, hosts: [nodeName, network.bridgeAddress] }),
      ensureKubeconfig("admin", "admin", "system:masters"),
      ensureKubeconfig("controller-manager", "system:kube-controller-manager"),
      ensureKubeconfig("scheduler", "system:kube-scheduler"),
      ensureKubeconfig("kubelet", `system:node:${nodeName}`, "system:nodes"),
      ensureKubeconfig("kube-proxy", "system:kube-proxy"),
      ensureKubeconfig("coredns", "system:coredns"),
    ]);
  },
  reset: async () => {
    rmSync(certificateDir(), { recursive: true, force: true });
    rmSync(labDir("kubeconfig"), { recursive: true, force: true });
  },
};

const apiServerNames = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  "localhost",
  network.bridgeAddress,
  network.kubernetesServiceAddress,
  "127.0.0.1",
];
