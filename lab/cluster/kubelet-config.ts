import { stringify } from "yaml";
import { network } from "../network.ts";

/** Files and sockets that the kubelet is told. */
export interface KubeletPlaces {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
  readonly resolvConf: string;
  readonly podLogs: string;
  readonly runtimeSocket: string;
}

/** The kubelet's configuration file. */
export function kubeletConfig(places: KubeletPlaces): string {
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.bridgeAddress,
    containerRuntimeEndpoint: `unix://${places.runtimeSocket}`,
    tlsCertFile: places.certificate,
    tlsPrivateKeyFile: places.key,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: places.clientAuthority },
    },
    authorization: { mode: "Webhook" },
    clusterDNS: [network.dnsServiceAddress],
    clusterDomain: "cluster.local",
    resolvConf: places.resolvConf,
    podLogsDir: places.podLogs,
    cgroupDriver: "cgroupfs",
    // A machine with version 1 control groups is still good enough for a lab.
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    maxPods: 250,
    // Neither a full disk nor unused images may change what the lab does.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    evictionPressureTransitionPeriod: "10s",
    serializeImagePulls: false,
    syncFrequency: "10s",
    volumeStatsAggPeriod: "1m",
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    eventRecordQPS: 100,
    eventBurst: 200,
    nodeStatusUpdateFrequency: "5s",
    shutdownGracePeriod: "0s",
    healthzBindAddress: "127.0.0.1",
  });
}

/** kube-proxy's configuration file. */
export function kubeProxyConfig(kubeconfig: string, nodeName: string): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig },
    hostnameOverride: nodeName,
    mode: "iptables",
    clusterCIDR: network.podCidr,
    // Not every kernel lets it raise these.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    iptables: { localhostNodePorts: false, minSyncPeriod: "100ms", syncPeriod: "30s" },
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    nodePortAddresses: [`${network.bridgeAddress}/32`],
  });
}
