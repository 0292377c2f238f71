import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { condition } from "../generic/readiness.ts";
import { isKind, kinds } from "../kinds.ts";
import { leads } from "../paths.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "../profile.ts";

const group = "cert-manager.io";
const certificate: GroupKind = { group, kind: "Certificate" };
const issuer: GroupKind = { group, kind: "Issuer" };
const clusterIssuer: GroupKind = { group, kind: "ClusterIssuer" };
const request: GroupKind = { group, kind: "CertificateRequest" };
const acme = (kind: string): GroupKind => ({ group: "acme.cert-manager.io", kind });

/** cert-manager. A certificate whose Secret is there, with the annotations that it was issued with, is not issued again. */
export const certManager: Profile = {
  name: "cert-manager",
  about: {
    is: "Certificates and issuers of cert-manager.",
    left: "CertificateRequests, Orders, Challenges, keys of an issuance that was under way, and Certificates that an Ingress or Gateway asks for.",
    keeps:
      "The Secret of each Certificate with key and chain, so that nothing is issued again; the account keys of issuers.",
    status: "They start clean: one that says it is being issued would be issued again.",
  },
  kinds: [certificate, issuer, clusterIssuer, request, acme("Order"), acme("Challenge")],
  leaves: [
    {
      kinds: [request, acme("Order"), acme("Challenge")],
      rule: "runtime-kind",
      reason: "it is a step of an issuance; written back, it would ask the authority again",
    },
  ],
  paths: [
    leads(certificate, "spec.secretName", kinds.secret, { kind: "stores", optional: true }),
    leads(certificate, "spec.keystores{*}.passwordSecretRef.name", kinds.secret),
    ...[
      "acme.privateKeySecretRef",
      "acme.externalAccountBinding.keySecretRef",
      "ca",
      "venafi.tpp.credentialsRef",
      "venafi.cloud.apiTokenSecretRef",
    ].map((field) =>
      leads(issuer, `spec.${field}.${field === "ca" ? "secretName" : "name"}`, kinds.secret, {
        optional: field === "acme.privateKeySecretRef", // made where it is missing
      }),
    ),
    leads(issuer, "spec.vault.auth{*}.name", kinds.secret, { optional: true }),
    leads(issuer, "spec.vault.auth{*}.secretRef.name", kinds.secret),
    leads(issuer, "spec.acme.solvers[*].dns01{*}{*}.name", kinds.secret, { rule: "issuer.acme.solvers.dns01" }),
  ],
  references: issuerOf,
  children: keyUnderWay,
  readiness: (object) =>
    [certificate, issuer, clusterIssuer].some((kind) => isKind(object, kind)) ? condition(object, "Ready") : undefined,
  restoreRules: [
    startsClean(
      "certificate",
      [certificate, issuer, clusterIssuer],
      "one that says it is being issued would be issued again",
    ),
  ],
  order: [
    { kind: issuer, after: [kinds.secret], why: "it makes a new account where it finds no key" },
    { kind: certificate, after: [kinds.secret, issuer], why: "it is issued again where its Secret is missing" },
  ],
};

/** The issuer is one of the namespace where nothing else is said. */
function issuerOf(object: KubeObject): readonly Reference[] {
  const ref = isKind(object, certificate) ? object.spec?.issuerRef : undefined;
  if (!ref?.name) return [];
  const { kind = issuer.kind, group: of = group, name } = ref;
  const place = kind === clusterIssuer.kind ? {} : { namespace: object.metadata.namespace };
  return [{ to: { group: of, kind, ...place, name }, kind: "needs", rule: "certificate.issuerRef" }];
}

function keyUnderWay(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, kinds.secret) || object.metadata.labels?.["cert-manager.io/next-private-key"] !== "true")
    return undefined;
  return { rule: "runtime-kind", reason: "a key for an issuance that was under way; cert-manager makes its own" };
}
