import { network } from "../network.ts";

/** Folders and images that the container runtime is told. */
export interface RuntimePlaces {
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly cniConfig: string;
  readonly registryConfig: string;
  readonly ipam: string;
  readonly pauseImage: string;
}

/** config.toml of containerd 1.6. */
export function containerdConfig(places: RuntimePlaces): string {
  return `version = 2
root = "${places.root}"
state = "${places.state}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]

[grpc]
  address = "${places.socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${places.pauseImage}"
  # Without CAP_SYS_RESOURCE, as in many sandboxes, lowering a score fails and with it every pod.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  max_concurrent_downloads = 6
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${places.cniConfig}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${places.registryConfig}"
`;
}

/** The network of a pod: a cable to the bridge. */
export function cniConfig(ipam: string): string {
  const bridge = {
    type: "bridge",
    bridge: network.bridge,
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: ipam,
      ranges: [[{ subnet: network.podCidr, gateway: network.bridgeAddress }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const plugins = [bridge, { type: "portmap", capabilities: { portMappings: true } }];
  return JSON.stringify({ cniVersion: "0.4.0", name: "holdfast-lab", plugins }, undefined, 2);
}

/** hosts.toml for the lab's registry, which speaks plain HTTP. */
export function registryConfig(address: string): string {
  return `server = "http://${address}"\n\n[host."http://${address}"]\n  capabilities = ["pull", "resolve"]\n`;
}
