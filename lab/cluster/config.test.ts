import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { network } from "../network.ts";
import { cniConfig, containerdConfig, registryConfig } from "./containerd-config.ts";
import { corefile } from "./dns.ts";
import { withoutProxyChains } from "./iptables.ts";
import { kubeletConfig, kubeProxyConfig } from "./kubelet-config.ts";
import { upstreamResolvConf } from "./kubelet.ts";
import { loopsBelow } from "./loops.ts";
import { mountsBelow } from "./mounts.ts";
import { extensionFile, subject } from "./pki.ts";

describe("generated configuration", () => {
  it("gives containerd its own folders and lets it run without CAP_SYS_RESOURCE", () => {
    const text = containerdConfig({
      root: "/l/containerd",
      state: "/l/run/containerd",
      socket: "/l/run/c.sock",
      cniConfig: "/l/cni",
      registryConfig: "/l/certs.d",
      ipam: "/l/ipam",
      pauseImage: "r/pause:1",
    });
    for (const line of ['root = "/l/containerd"', "restrict_oom_score_adj = true", 'sandbox_image = "r/pause:1"']) {
      expect(text).toContain(line);
    }
    expect(registryConfig("r:5000")).toContain('[host."http://r:5000"]');
  });

  it("hangs pods on the bridge, where they may reach themselves through a Service", () => {
    const [first] = JSON.parse(cniConfig("/l/ipam")).plugins;
    expect(first).toMatchObject({ type: "bridge", bridge: network.bridge, hairpinMode: true, isGateway: true });
  });

  it("keeps the kubelet from evicting, and on version 1 control groups", () => {
    const places = {
      certificate: "c",
      key: "k",
      clientAuthority: "a",
      resolvConf: "r",
      podLogs: "p",
      runtimeSocket: "/s",
    };
    expect(parse(kubeletConfig(places))).toMatchObject({
      failCgroupV1: false,
      imageGCHighThresholdPercent: 100,
      containerRuntimeEndpoint: "unix:///s",
      clusterDNS: [network.dnsServiceAddress],
    });
    expect(parse(kubeProxyConfig("k", "n"))).toMatchObject({ mode: "iptables", conntrack: { maxPerCore: 0 } });
  });

  it("forwards names to the host's servers, but never to a resolver that is the pod itself", () => {
    const servers = upstreamResolvConf("search x\nnameserver 127.0.0.53\nnameserver 9.9.9.9\n");
    expect(servers).toBe("nameserver 9.9.9.9\n");
    expect(corefile("/k", servers)).toContain("forward . 9.9.9.9");
    expect(corefile("/k", "")).not.toContain("forward");
  });

  it("names a server's certificate by address and by name, and a client's by group", () => {
    expect(extensionFile({ name: "s", commonName: "s", hosts: ["a.b", "10.0.0.1"] })).toContain("=DNS:a.b,IP:10.0.0.1");
    expect(extensionFile({ name: "c", commonName: "c" })).not.toContain("serverAuth");
    expect(subject({ name: "c", commonName: "u", organization: "system:nodes" })).toBe("/O=system:nodes/CN=u");
  });
});

describe("cleaning up", () => {
  it("takes the chains of Kubernetes and CNI out of the rules and leaves all others", () => {
    const saved =
      "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-A - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A PREROUTING -j MINE\nCOMMIT\n";
    expect(withoutProxyChains(saved)).toBe("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j MINE\nCOMMIT\n");
  });

  it("finds loop devices on files below a folder, the last attached first", () => {
    const list =
      "/dev/loop0 /l/volumes.img\n/dev/loop9 /l/volumes/a/disk.img\n/dev/loop10 /k/dev/x y\n/dev/loop11 /other\n";
    expect(loopsBelow(["/l/volumes", "/k"], list, () => true)).toEqual(["/dev/loop10", "/dev/loop9"]);
  });

  it("leaves loop devices of other mount namespaces alone, but not those of deleted files", () => {
    const list = "/dev/loop1 /k/theirs\n/dev/loop2 /k/gone (deleted)\n";
    expect(loopsBelow(["/k"], list, () => false)).toEqual(["/dev/loop2"]);
  });

  it("finds mounts below a folder, the last first, with their escapes undone", () => {
    const line = (point: string) => `1 2 0:3 / ${point} rw - ext4 /dev/x rw`;
    const text = ["/a", "/a/b", "/ab", "/a/c\\040d"].map(line).join("\n");
    expect(mountsBelow("/a", text)).toEqual(["/a/c d", "/a/b"]);
  });

  it("takes the folder's mount onto itself for the kubelet's, and any other for somebody's disk", () => {
    const over = (root: string, device = "0:3") =>
      `1 0 0:3 / / rw - ext4 /dev/x rw\n2 1 0:3 /disk /var rw - ext4 /dev/x rw\n3 2 ${device} ${root} /var/k rw - ext4 /dev/x rw`;
    expect(mountsBelow("/var/k", over("/disk/k"))).toEqual(["/var/k"]);
    expect(mountsBelow("/var/k", over("/elsewhere"))).toEqual([]);
    expect(mountsBelow("/var/k", over("/disk/k", "0:4"))).toEqual([]);
  });
});
