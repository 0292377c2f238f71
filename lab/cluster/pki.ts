import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { certificateDir } from "../paths.ts";
import { sh } from "../run/shell.ts";

/** A certificate's files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

export interface CertificateRequest {
  /** Name of the files. */
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and IP addresses of a server; none for a client. */
  readonly hosts?: readonly string[];
  /** Which authority signs: the cluster's, or the one of requests that the API server forwards. */
  readonly authority?: "ca" | "front-proxy-ca";
}

const file = (name: string) => certificateDir(name);
const days = "3650";
const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority of the given name, once. */
export async function ensureAuthority(name: "ca" | "front-proxy-ca"): Promise<void> {
  if (existsSync(file(`${name}.crt`))) return;
  mkdirSync(certificateDir(), { recursive: true, mode: 0o700 });
  await sh("openssl", [
    "req",
    "-x509",
    ...curve,
    "-keyout",
    file(`${name}.key`),
    "-out",
    file(`${name}.new`),
    "-days",
    days,
    "-subj",
    `/CN=holdfast-lab-${name}`,
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
  ]);
  renameSync(file(`${name}.new`), file(`${name}.crt`)); // Last: a certificate in place says that its key is whole.
}

/** Makes a certificate of the lab's authority; one that is there and says the same is kept. */
export async function ensureCertificate(request: CertificateRequest): Promise<Certificate> {
  const authority = request.authority ?? "ca";
  const made = {
    certificate: file(`${request.name}.crt`),
    key: file(`${request.name}.key`),
    ca: file(`${authority}.crt`),
  };
  if (isGood(made, request)) return made;
  const extensions = file(`${request.name}.ext`);
  const signingRequest = file(`${request.name}.csr`);
  writeFileSync(extensions, extensionFile(request));
  await sh("openssl", [
    "req",
    "-new",
    ...curve,
    "-keyout",
    made.key,
    "-out",
    signingRequest,
    "-subj",
    subject(request),
  ]);
  await sh("openssl", [
    "x509",
    "-req",
    "-in",
    signingRequest,
    "-out",
    `${made.certificate}.new`,
    "-days",
    days,
    "-extfile",
    extensions,
    "-CA",
    made.ca,
    "-CAkey",
    file(`${authority}.key`),
    "-set_serial",
    `0x${serial()}`,
  ]);
  renameSync(`${made.certificate}.new`, made.certificate);
  rmSync(extensions);
  rmSync(signingRequest);
  return made;
}

/** Makes the key pair that signs service account tokens, once. */
export async function ensureServiceAccountKey(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = { privateKey: file("sa.key"), publicKey: file("sa.pub") };
  if (!existsSync(keys.publicKey)) {
    await sh("openssl", ["genrsa", "-out", keys.privateKey, "2048"]);
    await sh("openssl", ["rsa", "-in", keys.privateKey, "-pubout", "-out", `${keys.publicKey}.new`]);
    renameSync(`${keys.publicKey}.new`, keys.publicKey);
  }
  return keys;
}

/** The distinguished name, as openssl takes it: group first, then user. */
export function subject({ commonName, organization }: CertificateRequest): string {
  return `${organization === undefined ? "" : `/O=${organization}`}/CN=${commonName}`;
}

/** The extensions of a certificate: whom it may speak as, and under which names. */
export function extensionFile({ hosts = [] }: CertificateRequest): string {
  const names = hosts.map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`));
  return [
    "basicConstraints=CA:FALSE",
    "keyUsage=digitalSignature,keyEncipherment",
    `extendedKeyUsage=clientAuth${names.length > 0 ? ",serverAuth" : ""}`,
    ...(names.length > 0 ? [`subjectAltName=${names.join(",")}`] : []),
    "",
  ].join("\n");
}

function isGood(made: Certificate, request: CertificateRequest): boolean {
  if (!existsSync(made.certificate) || !existsSync(made.key)) return false;
  const certificate = new X509Certificate(readFileSync(made.certificate));
  const signed = certificate.verify(new X509Certificate(readFileSync(made.ca)).publicKey);
  const names = certificate.subjectAltName ?? "";
  return signed && (request.hosts ?? []).every((host) => names.includes(host));
}

function serial(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 30).padStart(31, "1");
}
