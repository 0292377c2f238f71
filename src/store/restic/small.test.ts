import { describe, expect, it } from "vitest";
import { isOlder, versionIn } from "./binary.ts";
import { parseSize } from "./prune-size.ts";
import { parseRootTag, rootTag } from "./root-tag.ts";
import { scrub } from "./listen.ts";
import { accessFlags, repositoryLocation } from "./session.ts";

describe("the version of restic", () => {
  it("is read from its words", () => {
    expect(versionIn("restic 0.19.1 compiled with go1.26.8 on linux/amd64\n")).toBe("0.19.1");
    expect(versionIn("rustic 0.11")).toBeUndefined();
  });

  it.each([
    ["0.17.3", true],
    ["0.18.0", false],
    ["0.20", false],
    ["1.0.0", false],
  ])("%s is too old: %s", (version, older) => {
    expect(isOlder(version)).toBe(older);
  });
});

describe("what a prune freed", () => {
  it.each([
    ["total prune:         12 blobs / 3.500 MiB", 3.5 * 2 ** 20],
    ["total prune:          1 blobs / 684 B", 684],
    ["nothing", 0],
  ])("is read from %j", (line, bytes) => {
    expect(parseSize(["loading indexes...", line])).toBe(bytes);
  });
});

describe("the tag of a volume's root", () => {
  it("comes back", () => {
    const tag = rootTag({ mode: 0o42775, uid: 0, gid: 1000 });
    expect(tag).toBe("root:2775:0:1000");
    expect(parseRootTag(["point=a", tag])).toEqual({ mode: 0o2775, uid: 0, gid: 1000 });
    expect(parseRootTag(["root:9:0:0", "root:"])).toBeUndefined();
  });
});

describe("scrub", () => {
  it("takes every secret out of a text", () => {
    expect(scrub("key=abc.def* and abc.def*", ["abc.def*"])).toBe("key=*** and ***");
  });
});

describe("the location of a repository", () => {
  const s3 = {
    kind: "s3",
    endpoint: "https://s3:9000/",
    bucket: "b",
    prefix: "/x/y/",
    region: "",
    accessKey: "",
    secretKey: "",
  } as const;

  it("is a directory or an S3 URL", () => {
    expect(repositoryLocation({ kind: "directory", path: "/t/" }, "repos/c/n")).toBe("/t/repos/c/n");
    expect(repositoryLocation(s3, "repos/c/n")).toBe("s3:https://s3:9000/b/x/y/repos/c/n");
    expect(repositoryLocation({ ...s3, prefix: "" }, "repos/c/n")).toBe("s3:https://s3:9000/b/repos/c/n");
  });

  it("comes with the options that it needs", () => {
    expect(accessFlags(s3)).toEqual(["-o", "s3.bucket-lookup=path"]);
    expect(accessFlags({ ...s3, insecureSkipVerify: true })).toContain("--insecure-tls");
  });
});
