/** Addresses of the lab. Everything listens on the bridge, which the host and every pod can reach, and nobody else. */
export const network = {
  bridge: "holdfast0",
  bridgeAddress: "10.199.0.1",
  podCidr: "10.199.0.0/16",
  serviceCidr: "10.198.0.0/16",
  kubernetesServiceAddress: "10.198.0.1",
  dnsServiceAddress: "10.198.0.10",
  apiServerPort: 6443,
  registryPort: 5000,
  platformS3Port: 9000,
  targetS3Port: 9001,
  /** On the bridge's address; pods come to it through the Service kube-dns. */
  dnsPort: 53,
  etcdPort: 12379,
  etcdPeerPort: 12380,
} as const;

/** The lab's only node. */
export const nodeName = "holdfast-lab";

/** The image registry, by the one name that works on the host, in pods and for containerd. */
export const registry = `${network.bridgeAddress}:${network.registryPort}`;
