import { adminKubeconfig, program } from "../paths.ts";
import { sh, type ShellOptions } from "../run/shell.ts";

/** kubectl of the lab, as administrator. */
export function kubectl(args: readonly string[], options: ShellOptions = {}): Promise<string> {
  return sh(program("kubectl"), [`--kubeconfig=${adminKubeconfig()}`, ...args], { seconds: 120, ...options });
}

/** Applies a manifest server-side (large CRDs do not fit into the annotation of the other way). */
export function apply(manifest: string): Promise<string> {
  return kubectl(["apply", "--server-side", "--force-conflicts", "--field-manager=holdfast-lab", "-f", "-"], {
    input: manifest,
  });
}
