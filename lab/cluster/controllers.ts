import { network } from "../network.ts";
import { certificateDir, labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";

const kubeconfig = (name: string) => labDir("kubeconfig", `${name}.yaml`);

/** kube-controller-manager. */
export const controllerManager: Part = {
  name: "controller-manager",
  needs: ["apiserver"],
  seconds: { cold: 2, warm: 2 },
  up: () =>
    ensureProcess({
      name: "kube-controller-manager",
      command: program("kube-controller-manager"),
      args: [
        ...common("controller-manager"),
        "--bind-address=127.0.0.1",
        "--controllers=*",
        "--use-service-account-credentials=true",
        `--service-account-private-key-file=${certificateDir("sa.key")}`,
        `--root-ca-file=${certificateDir("ca.crt")}`,
        `--cluster-signing-cert-file=${certificateDir("ca.crt")}`,
        `--cluster-signing-key-file=${certificateDir("ca.key")}`,
        `--service-cluster-ip-range=${network.serviceCidr}`,
        "--allocate-node-cidrs=false",
        // With one node and one replica there is nobody to elect against, and a restart need not wait for a lease.
        "--leader-elect=false",
      ],
      inputs: [kubeconfig("controller-manager")],
      ready: { describe: "the controller manager to be healthy", seconds: 60, check: () => healthy(10257) },
    }),
  down: () => stopProcess("kube-controller-manager"),
  status: async () => (isRunning("kube-controller-manager") ? "runs" : "down"),
};

/** kube-scheduler. */
export const scheduler: Part = {
  name: "scheduler",
  needs: ["apiserver"],
  seconds: { cold: 2, warm: 2 },
  up: () =>
    ensureProcess({
      name: "kube-scheduler",
      command: program("kube-scheduler"),
      args: [...common("scheduler"), "--bind-address=127.0.0.1", "--leader-elect=false"],
      inputs: [kubeconfig("scheduler")],
      ready: { describe: "the scheduler to be healthy", seconds: 60, check: () => healthy(10259) },
    }),
  down: () => stopProcess("kube-scheduler"),
  status: async () => (isRunning("kube-scheduler") ? "runs" : "down"),
};

function common(name: string): string[] {
  const file = kubeconfig(name);
  return [
    `--kubeconfig=${file}`,
    `--authentication-kubeconfig=${file}`,
    `--authorization-kubeconfig=${file}`,
    "--kube-api-qps=100",
    "--kube-api-burst=200",
  ];
}

/** Their certificates are made up at each start, so trust comes from the loopback address alone. */
async function healthy(port: number): Promise<boolean> {
  const { request, Agent } = await import("undici");
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const { statusCode, body } = await request(`https://127.0.0.1:${port}/healthz`, { dispatcher, bodyTimeout: 3000 });
  await body.dump();
  await dispatcher.close();
  return statusCode === 200;
}
