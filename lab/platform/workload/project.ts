import type { Kube } from "../../kube/client.ts";
import { waitFor } from "../../run/wait.ts";
import { namespaceKind } from "../operators/kinds.ts";
import { appNamespace, registriesNamespace } from "../settings.ts";

/** Step 1: the project as the dashboard knows it; the registries' namespace comes from the platform itself. */
export async function deployProject(kube: Kube): Promise<void> {
  await kube.apply({
    ...namespaceKind,
    metadata: {
      name: appNamespace,
      labels: { "opendatahub.io/dashboard": "true", "modelmesh-enabled": "false" },
      annotations: {
        "openshift.io/display-name": "RHOAI Demo",
        "openshift.io/description": "Trilio + RHOAI demo project",
      },
    },
  });
  await waitFor({
    describe: `the platform to make the namespace ${registriesNamespace}`,
    check: async () => (await kube.get(namespaceKind, registriesNamespace))?.["status"]?.phase === "Active",
    seconds: 60,
  });
}
