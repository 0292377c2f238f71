/**
 * What each image of the lab is made of. A layer is one cached tar, made from Debian packages, from Python wheels or from one
 * program of the lab; an image is a list of layers and how it is started.
 */

/** A file that a layer gets from `lab/images/files/`, or from the text given here. */
export interface RecipeFile {
  readonly path: string;
  readonly source?: string;
  readonly text?: string;
  readonly mode?: number;
}

/** A root file system: Debian packages unpacked (their scripts do not run), trimmed, with the files given. */
export interface RootLayer {
  readonly kind: "root";
  readonly packages: readonly string[];
  /** Only these paths stay; without it everything but documentation stays. */
  readonly keep?: readonly string[];
  /** Paths to take away. */
  readonly drop?: readonly string[];
  readonly users: readonly { readonly name: string; readonly id: number; readonly home: string }[];
  readonly files?: readonly RecipeFile[];
  /** Symbolic links: path -> where it points. */
  readonly links?: Readonly<Record<string, string>>;
}

/** Python packages on top of the layer `python`, pinned with their hashes in `lab/images/locks/<lock>.txt`. */
export interface WheelLayer {
  readonly kind: "wheels";
  readonly lock: string;
  readonly files?: readonly RecipeFile[];
}

/** One statically linked program out of the lab's own builds. */
export interface ProgramLayer {
  readonly kind: "program";
  readonly program: string;
  readonly path: string;
}

export type Layer = RootLayer | WheelLayer | ProgramLayer;

export interface Image {
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
}

const root = { name: "root", id: 0, home: "/root" };
const nobody = { name: "nobody", id: 65534, home: "/" };

export const layers = {
  "holdfast-base": {
    kind: "root",
    packages: ["libc6", "libstdc++6", "libgcc-s1", "ca-certificates"],
    keep: ["lib64", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "etc/ssl", "tmp"],
    drop: [
      "lib/x86_64-linux-gnu/security",
      "usr/lib/x86_64-linux-gnu/{perl*,gconv,engines-3,ossl-modules,libcrypto*,libssl*,libdb*,audit,libapt*}",
    ],
    users: [root, nobody, { name: "nonroot", id: 65532, home: "/home/nonroot" }],
  },
  python: {
    kind: "root",
    packages: [
      "python3.11-minimal",
      "libpython3.11-stdlib",
      "libstdc++6",
      "libgomp1",
      "libgcc-s1",
      "ca-certificates",
      "netbase",
      "bash",
      "dash",
      "coreutils",
      "findutils",
      "grep",
      "sed",
      "attr",
    ],
    drop: [
      "usr/lib/x86_64-linux-gnu/perl*",
      "usr/share/perl*",
      "usr/bin/{dpkg*,debconf*,openssl,update-alternatives}",
      "usr/share/debconf",
    ],
    users: [root, nobody, { name: "default", id: 1001, home: "/opt/app-root/src" }],
    links: { "usr/bin/python3": "python3.11", "usr/bin/python": "python3.11" },
  },
  mariadb: {
    kind: "root",
    packages: [
      "mariadb-server-core",
      "mariadb-client",
      "bash",
      "dash",
      "coreutils",
      "findutils",
      "grep",
      "sed",
      "hostname",
      "ca-certificates",
    ],
    drop: [
      "usr/lib/x86_64-linux-gnu/perl*",
      "usr/share/perl*",
      "usr/bin/{dpkg*,debconf*,openssl,update-alternatives}",
      "usr/share/debconf",
      "usr/{bin,share}/perl*",
      "usr/lib/x86_64-linux-gnu/libperl*",
      "usr/share/mysql/mysql-test",
    ],
    users: [root, nobody, { name: "mysql", id: 999, home: "/var/lib/mysql" }],
    files: [{ path: "usr/local/bin/entrypoint", source: "mariadb-entrypoint.sh", mode: 0o755 }],
  },
  workbench: {
    kind: "wheels",
    lock: "workbench",
    files: [{ path: "usr/local/bin/start-workbench", source: "start-workbench.sh", mode: 0o755 }],
  },
  mlserver: {
    kind: "wheels",
    lock: "mlserver",
    files: [{ path: "usr/local/bin/start-mlserver", source: "start-mlserver.sh", mode: 0o755 }],
  },
  llama: { kind: "wheels", lock: "llama", files: [{ path: "usr/local/bin/llama-server", source: "llama-server.py" }] },
  "storage-initializer": {
    kind: "wheels",
    lock: "storage-initializer",
    files: [{ path: "usr/local/bin/storage-initializer", source: "storage-initializer.py" }],
  },
  "model-registry": { kind: "program", program: "model-registry", path: "model-registry" },
  "ds-pipelines-api-server": { kind: "program", program: "kfp-apiserver", path: "bin/apiserver" },
  "ds-pipelines-persistenceagent": {
    kind: "program",
    program: "kfp-persistence-agent",
    path: "bin/persistence_agent",
  },
  "ds-pipelines-scheduledworkflow": { kind: "program", program: "kfp-scheduled-workflow", path: "bin/controller" },
  "ds-pipelines-driver": { kind: "program", program: "kfp-driver", path: "bin/driver" },
  "ds-pipelines-launcher": { kind: "program", program: "kfp-launcher", path: "bin/launcher-v2" },
  "ml-metadata": {
    kind: "wheels",
    lock: "ml-metadata",
    files: [{ path: "usr/local/bin/metadata-store-server", source: "metadata-store-server.py" }],
  },
  "argo-workflowcontroller": { kind: "program", program: "workflow-controller", path: "bin/workflow-controller" },
  "argo-argoexec": { kind: "program", program: "argoexec", path: "bin/argoexec" },
} as const satisfies Record<string, Layer>;

export type LayerName = keyof typeof layers;

const pythonEnv = {
  PYTHONUNBUFFERED: "1",
  PYTHONDONTWRITEBYTECODE: "1",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  LANG: "C.UTF-8",
};

export const images = {
  "holdfast-base": { layers: ["holdfast-base"], entrypoint: [], user: "65532:65532" },
  python: { layers: ["python"], entrypoint: ["python3"], env: pythonEnv, user: "1001:0" },
  workbench: {
    layers: ["python", "workbench"],
    entrypoint: ["/usr/local/bin/start-workbench"],
    env: { ...pythonEnv, HOME: "/opt/app-root/src", SHELL: "/bin/bash" },
    user: "1001:0",
    workdir: "/opt/app-root/src",
  },
  mlserver: {
    layers: ["python", "mlserver"],
    entrypoint: ["/usr/local/bin/start-mlserver"],
    env: { ...pythonEnv, OMP_NUM_THREADS: "1" },
    user: "1001:0",
  },
  llama: {
    layers: ["python", "llama"],
    entrypoint: ["python3", "/usr/local/bin/llama-server"],
    env: pythonEnv,
    user: "1001:0",
  },
  mariadb: {
    layers: ["mariadb"],
    entrypoint: ["/usr/local/bin/entrypoint"],
    env: { LANG: "C.UTF-8" },
    workdir: "/var/lib/mysql",
  },
  "storage-initializer": {
    layers: ["python", "storage-initializer"],
    entrypoint: ["python3", "/usr/local/bin/storage-initializer"],
    env: { ...pythonEnv, HOME: "/tmp" },
    user: "1001:0",
  },
  "model-registry": { layers: ["model-registry"], entrypoint: ["/model-registry"], user: "65532:65532" },
  "ds-pipelines-api-server": programImage("ds-pipelines-api-server", "apiserver"),
  "ds-pipelines-persistenceagent": programImage("ds-pipelines-persistenceagent", "persistence_agent"),
  "ds-pipelines-scheduledworkflow": programImage("ds-pipelines-scheduledworkflow", "controller"),
  "ds-pipelines-driver": programImage("ds-pipelines-driver", "driver"),
  "ds-pipelines-launcher": programImage("ds-pipelines-launcher", "launcher-v2"),
  "ml-metadata": {
    layers: ["python", "ml-metadata"],
    entrypoint: ["python3", "/usr/local/bin/metadata-store-server"],
    env: { ...pythonEnv, TZDIR: "/usr/local/lib/python3.11/dist-packages/tzdata/zoneinfo" },
    user: "1001:0",
  },
  "argo-workflowcontroller": programImage("argo-workflowcontroller", "workflow-controller"),
  "argo-argoexec": programImage("argo-argoexec", "argoexec"),
} as const satisfies Record<string, Image>;

export type ImageName = keyof typeof images;

function programImage<Name extends LayerName>(layer: Name, program: string) {
  return { layers: [layer], entrypoint: [`/bin/${program}`], env: { PATH: "/bin" }, user: "65532:65532" } as const;
}
