import { apiserver } from "./cluster/apiserver.ts";
import { apt } from "./cluster/apt.ts";
import { baseImages } from "./cluster/base-images.ts";
import { bridge } from "./cluster/bridge.ts";
import { certificates } from "./cluster/certificates.ts";
import { containerd } from "./cluster/containerd.ts";
import { controllerManager, scheduler } from "./cluster/controllers.ts";
import { dns } from "./cluster/dns.ts";
import { etcd } from "./cluster/etcd.ts";
import { kubelet, kubeProxy } from "./cluster/kubelet.ts";
import { registry } from "./cluster/registry.ts";
import { goParts } from "./go/build.ts";
import { platformS3, targetS3 } from "./objectstore/servers.ts";
import { earlyPlatformParts } from "./platform/parts.ts";
import { storageApi } from "./storage/api.part.ts";
import { csiDriver } from "./storage/driver.part.ts";
import { storageHost } from "./storage/host.part.ts";
import { csiSidecars } from "./storage/sidecars.part.ts";
import type { Part } from "./run/part.ts";

/** Every part of `make lab`. Builds begin in this order, as far as their needs allow. */
export const parts: readonly Part[] = [
  apt,
  ...goParts,
  ...earlyPlatformParts,
  certificates,
  bridge,
  storageHost, // Before the kubelet, so that it goes down after the pods that use it.
  etcd,
  apiserver,
  controllerManager,
  scheduler,
  registry,
  baseImages,
  containerd,
  kubelet,
  kubeProxy,
  dns,
  platformS3,
  targetS3,
  storageApi,
  csiDriver,
  csiSidecars,
];
