import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { type Rewrite, rewriteObject } from "./rewrite.ts";

const generated: Rewrite = {
  bucket: { from: "rhoai-demo-1f2e3d4c-5b6a", to: "rhoai-demo-99999999-0000" },
  endpoint: { from: "http://10.0.0.1:9000", to: "http://10.0.0.1:9000" },
  accessKey: { from: "AKOLDOLDOLDOLD", to: "AKNEWNEWNEWNEW" },
  secretKey: { from: "old/sec+ret/key0123", to: "new/sec+ret/key9876" },
};
const named: Rewrite = {
  bucket: { from: "models", to: "models-2" },
  endpoint: { from: "http://s3.old.svc", to: "https://s3.new.svc:8443" },
};

const encode = (text: string) => Buffer.from(text).toString("base64");
const decode = (text: string) => Buffer.from(text, "base64").toString();

function object(kind: string, content: Record<string, unknown>): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name: "x", namespace: "ns" }, ...content };
}

describe("rewriteObject", () => {
  it("moves an endpoint that stands in pieces, as a pipeline server's", () => {
    const storage = { bucket: "models", host: "s3.old.svc", port: "80", scheme: "http", secure: false };
    const server = object("DataSciencePipelinesApplication", { spec: { objectStorage: { externalStorage: storage } } });
    const paths = rewriteObject(server, [named]);
    expect(server.spec.objectStorage.externalStorage).toEqual({
      bucket: "models-2",
      host: "s3.new.svc",
      port: "8443",
      scheme: "https",
      secure: true,
    });
    expect(paths).toContain("spec.objectStorage.externalStorage.port");
    const others = [
      { host: "s3.old.svc", port: "9999" },
      { host: "s3.old.svc", bucket: "another", port: 80 },
    ];
    const kept = object("Thing", { spec: { others: structuredClone(others) } });
    rewriteObject(kept, [named]);
    expect(kept.spec.others.map((one: { port: unknown }) => one.port)).toEqual(["9999", 80]);
  });

  it("rewrites a connection Secret, and tells paths, never values", () => {
    const secret = object("Secret", {
      data: {
        AWS_ACCESS_KEY_ID: encode("AKOLDOLDOLDOLD"),
        AWS_SECRET_ACCESS_KEY: encode("old/sec+ret/key0123"),
        AWS_S3_BUCKET: encode("rhoai-demo-1f2e3d4c-5b6a"),
        AWS_DEFAULT_REGION: encode("us-east-1"),
      },
    });
    const paths = rewriteObject(secret, [generated]);
    expect(paths).toEqual(["data.AWS_ACCESS_KEY_ID", "data.AWS_SECRET_ACCESS_KEY", "data.AWS_S3_BUCKET"]);
    expect(Object.values(secret.data as Record<string, string>).map(decode)).toEqual([
      "AKNEWNEWNEWNEW",
      "new/sec+ret/key9876",
      "rhoai-demo-99999999-0000",
      "us-east-1",
    ]);
  });

  it("rewrites JSON inside a Secret (storage-config)", () => {
    const entry = {
      type: "s3",
      access_key_id: "AKOLDOLDOLDOLD",
      secret_access_key: "old/sec+ret/key0123",
      bucket: "rhoai-demo-1f2e3d4c-5b6a",
      endpoint_url: "http://10.0.0.1:9000",
    };
    const secret = object("Secret", { data: { connection: encode(JSON.stringify(entry)) } });
    rewriteObject(secret, [generated]);
    expect(JSON.parse(decode(secret.data.connection))).toEqual({
      ...entry,
      access_key_id: "AKNEWNEWNEWNEW",
      secret_access_key: "new/sec+ret/key9876",
      bucket: "rhoai-demo-99999999-0000",
    });
  });

  it("rewrites URIs and env of custom resources", () => {
    const service = object("InferenceService", {
      spec: {
        predictor: {
          model: { storageUri: "s3://rhoai-demo-1f2e3d4c-5b6a/models/iris" },
          env: [{ name: "BUCKET", value: "rhoai-demo-1f2e3d4c-5b6a" }],
        },
      },
    });
    rewriteObject(service, [generated]);
    expect(service.spec.predictor).toEqual({
      model: { storageUri: "s3://rhoai-demo-99999999-0000/models/iris" },
      env: [{ name: "BUCKET", value: "rhoai-demo-99999999-0000" }],
    });
  });

  it("leaves words alone that only look like a short name", () => {
    const config = object("ConfigMap", {
      data: {
        path: "/opt/models/x",
        words: "models of models",
        bucket: "models",
        uri: "s3://models/a s3://models-old/b",
        dir: "models",
        json: '{"bucket": "models", "dir": "models"}',
      },
    });
    rewriteObject(config, [{ ...named, endpoint: { from: "http://s3", to: "http://s3" } }]);
    expect(config.data).toEqual({
      path: "/opt/models/x",
      words: "models of models",
      bucket: "models-2",
      uri: "s3://models-2/a s3://models-old/b",
      dir: "models",
      json: '{"bucket": "models-2", "dir": "models"}',
    });
  });

  it("moves the endpoint where the bucket is named or the field is an address", () => {
    const secret = object("Secret", {
      data: {
        AWS_S3_ENDPOINT: encode("http://s3.old.svc"),
        link: encode("http://s3.old.svc/models/a"),
        note: encode("we left http://s3.old.svc"),
      },
    });
    rewriteObject(secret, [named]);
    expect(Object.values(secret.data as Record<string, string>).map(decode)).toEqual([
      "https://s3.new.svc:8443",
      "https://s3.new.svc:8443/models-2/a",
      "we left http://s3.old.svc",
    ]);
  });

  it("leaves binary values as they are, and forgets kubectl's copy of old values", () => {
    const binary = Buffer.from([0xff, 0xfe, 0x00, ...Buffer.from("AKOLDOLDOLDOLD")]).toString("base64");
    const secret = object("Secret", { data: { keystore: binary, key: encode("AKOLDOLDOLDOLD") } });
    secret.metadata.annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": '{"x":"AKOLDOLDOLDOLD"}',
      mine: "1",
    };
    expect(rewriteObject(secret, [generated])).toEqual(["data.key"]);
    expect(secret.data.keystore).toBe(binary);
    expect(secret.metadata.annotations).toEqual({ mine: "1" });
  });

  it("is done after once: a second run changes nothing", () => {
    const texts = fc.array(
      fc.constantFrom(
        "rhoai-demo-1f2e3d4c-5b6a",
        "s3://rhoai-demo-1f2e3d4c-5b6a/k",
        "AKOLDOLDOLDOLD",
        "x",
        " ",
        "old/sec+ret/key0123",
        "\n",
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, (parts) => {
        const config = object("ConfigMap", { data: { text: parts.join(" ") } });
        rewriteObject(config, [generated]);
        const once = structuredClone(config);
        expect(rewriteObject(config, [generated])).toEqual([]);
        expect(config).toEqual(once);
        expect(config.data.text).not.toMatch(/AKOLD|1f2e3d4c|old\/sec/);
      }),
    );
  });

  it("does nothing where nothing changed", () => {
    const same = { bucket: { from: "a", to: "a" }, endpoint: { from: "b", to: "b" } };
    expect(rewriteObject(object("ConfigMap", { data: { a: "a" } }), [same])).toEqual([]);
  });
});
