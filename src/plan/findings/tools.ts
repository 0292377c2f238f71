/** What installs and applies things: Git, operators, charts, sealed Secrets, image registries of the cluster. */
import type { Finding } from "../../base/finding.ts";
import { someOf } from "../../base/some-of.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { gitOwnerOf } from "../../profiles/tools/gitops.ts";
import { statusOfRelease } from "../../profiles/tools/helm.ts";
import { operatorsOf } from "../../profiles/tools/olm.ts";
import { pushedTagsOf } from "../../profiles/tools/openshift.ts";
import { sealedWithoutKey } from "../../profiles/tools/sealed-secrets.ts";
import type { Looking } from "./look.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** Shown in one finding; the rest is counted. */
const most = 6;

export function toolFindings(inventory: Inventory): readonly Finding[] {
  return [...sealed(inventory), ...operators(inventory), ...pushedImages(inventory)];
}

function sealed(inventory: Inventory): readonly Finding[] {
  const without = sealedWithoutKey(objectSetOf(inventory.objects));
  return [...Map.groupBy(without, ({ metadata }) => metadata.namespace)].map(([namespace, found]) =>
    finding(
      "SEALING_KEY_MISSING",
      `namespace ${namespace}`,
      `${someOf(
        found.map(({ metadata }) => `SealedSecret/${metadata.name}`),
        most,
      )} can be opened only by a key that is in none of the plan's namespaces; the opened Secrets are in the backup`,
    ),
  );
}

function operators(inventory: Inventory): readonly Finding[] {
  return operatorsOf(objectSetOf(inventory.objects)).map(({ subscription, ran }) =>
    finding(
      "OPERATOR_INSTALLED_ANEW",
      `${subscription.metadata.namespace} Subscription/${subscription.metadata.name}`,
      `a restore has OLM install the newest version of channel ${subscription.spec?.channel ?? "?"}; ${ran ? `${ran} runs now` : "none runs now"}`,
    ),
  );
}

function pushedImages(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, { group: "image.openshift.io", kind: "ImageStream" }).flatMap((stream) => {
    const tags = pushedTagsOf(stream);
    if (tags.length === 0) return [];
    const { namespace, name } = stream.metadata;
    return [
      finding(
        "IMAGE_PUSHED_ONLY",
        `${namespace} ImageStream/${name}`,
        `${someOf(
          tags.map((one) => `${name}:${one}`),
          most,
        )} lies in the registry of the cluster and nowhere else: the backup holds its name, not its layers`,
      ),
    ];
  });
}

/** Helm releases that are stuck. */
export function releaseFindings(): Looking {
  const found: Finding[] = [];
  return {
    look({ ref }, { object }) {
      if (ref.kind !== "Secret" || !ref.name.startsWith("sh.helm.release.v1.")) return;
      const status = statusOfRelease(object);
      if (!status?.startsWith("pending-")) return;
      const { name, version } = object.metadata.labels ?? {};
      const message = `revision ${version} is ${status}: helm refuses to change it, here and after a restore`;
      const advice = `helm rollback ${name} -n ${ref.namespace}`;
      found.push(finding("HELM_RELEASE_PENDING", `${ref.namespace} Helm release ${name}`, message, advice));
    },
    findings: () => found,
  };
}

/** What Git owns, in one line for each owner and namespace. */
export function gitFindings(): Looking {
  const owned: { readonly place: string; readonly name: string }[] = [];
  return {
    look({ ref }, { object, leftOut }) {
      const owner = leftOut || !ref.namespace ? undefined : gitOwnerOf(object);
      if (owner) owned.push({ place: `${ref.namespace} ${owner}`, name: `${ref.kind}/${ref.name}` });
    },
    findings: () =>
      [...Map.groupBy(owned, ({ place }) => place)].map(([place, found]) => {
        const space = place.indexOf(" ");
        return finding(
          "GIT_OWNED",
          `namespace ${place.slice(0, space)}`,
          `${place.slice(space + 1)} applies ${someOf(
            found.map(({ name }) => name),
            most,
          )}: a restore brings them as they are now, and where it still runs it changes them to what Git says then`,
        );
      }),
  };
}
