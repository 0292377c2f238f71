/** The checks before the first write, each in a file of its own. */
import type { Finding } from "../../base/finding.ts";
import { capacity } from "./capacity.ts";
import type { Check, PreflightInput } from "./check.ts";
import { crds } from "./crds.ts";
import { databaseVersions } from "./database-versions.ts";
import { architecture } from "./gpu/arch.ts";
import { deviceClaims } from "./gpu/claims.ts";
import { gpuDrivers } from "./gpu/drivers.ts";
import { gpus } from "./gpu/index.ts";
import { localStorage } from "./gpu/local-storage.ts";
import { queues } from "./gpu/queues.ts";
import { runtimeClasses } from "./gpu/runtime-classes.ts";
import { hardwareProfiles } from "./gpu/scheduling.ts";
import { hosts } from "./hosts.ts";
import { images } from "./images.ts";
import { limitRanges } from "./limit-ranges.ts";
import { nodes } from "./nodes.ts";
import { operators } from "./operators.ts";
import { outer } from "./outer.ts";
import { platform } from "./platform.ts";
import { podSecurity } from "./pod-security.ts";
import { pullSecrets } from "./pull-secrets.ts";
import { quotas } from "./quotas.ts";
import { sccs } from "./sccs.ts";
import { storage } from "./storage.ts";
import { unread } from "./unread.ts";
import { versions } from "./versions.ts";
import { webhooks } from "./webhooks.ts";
import { writtenBy } from "./written.ts";

const checks: readonly Check[] = [
  versions,
  crds,
  webhooks,
  operators,
  platform,
  outer,
  storage,
  capacity,
  quotas,
  limitRanges,
  podSecurity,
  sccs,
  hosts,
  databaseVersions,
  nodes,
  gpuDrivers,
  gpus,
  deviceClaims,
  runtimeClasses,
  queues,
  hardwareProfiles,
  architecture,
  localStorage,
  images,
  pullSecrets,
  unread,
];

/** What a person should know of the target before the first write; nothing where nobody looked at it. */
export function preflightFindings(input: Omit<PreflightInput, "facts">): readonly Finding[] {
  const facts = input.target.preflight;
  if (!facts) return [];
  const asked = checks.map((check) => check({ ...input, facts }));
  for (const one of input.decided) {
    const written = writtenBy(one);
    if (written) for (const check of asked) check.see?.(written);
  }
  return asked.flatMap((check) => check.findings());
}
