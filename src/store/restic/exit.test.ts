import { describe, expect, it } from "vitest";
import { type Ending, faultOf, hopelessness } from "./exit.ts";

const ending = (parts: Partial<Ending>): Ending => ({ code: 1, signal: null, said: [], failedItems: [], ...parts });
const codeOf = (parts: Partial<Ending>) => faultOf(ending(parts), "save", "repos/c/ns")?.code;

describe("the end of a restic process", () => {
  it("is no fault with code 0", () => {
    expect(faultOf(ending({ code: 0, said: ["warning"] }), "save", "r")).toBeUndefined();
  });

  it.each([
    [10, "NOT_FOUND"],
    [11, "LOCKED"],
    [12, "WRONG_KEY"],
    [130, "CANCELLED"],
    [3, "VOLUME"],
    [1, "TARGET"],
    [2, "TARGET"],
    [99, "TARGET"],
  ])("with code %i means %s", (code, fault) => {
    expect(codeOf({ code })).toBe(fault);
  });

  it.each([
    ["Fatal: unable to save snapshot: write /t/data/ab: no space left on device", "TARGET_FULL"],
    ["Save(<data/abc>) returned error, retrying after 1s: client.PutObject: QuotaExceeded", "TARGET_FULL"],
    ["Fatal: client.PutObject: Access Denied.", "FORBIDDEN"],
    [
      "Fatal: unable to open config file: Stat: The Access Key Id you provided does not exist in our records.",
      "FORBIDDEN",
    ],
    ["Fatal: dial tcp 127.0.0.1:9000: connect: connection refused", "UNAVAILABLE"],
    ["failed to find snapshot: dial tcp 10.0.0.1:9000: i/o timeout", "UNAVAILABLE"],
    [
      "Fatal: failed to find snapshot: failed to load snapshot abababab: open snapshots/ab: no such file or directory",
      "NOT_FOUND",
    ],
    ['Fatal: cannot dump file: path "/y" not found in snapshot', "NOT_FOUND"],
    ["failed to load snapshot abababab: ciphertext verification failed", "DAMAGED"],
    ["LoadBlob: blob abc not found in repository", "DAMAGED"],
  ])("that says %j means %s", (text, fault) => {
    expect(codeOf({ said: [text] })).toBe(fault);
  });

  it("does not take a full volume at a restore for a full target", () => {
    expect(codeOf({ failedItems: [{ item: "/data/x", message: "write: no space left on device" }] })).toBe("VOLUME");
  });

  it("names the files that failed, a few of them", () => {
    const failedItems = Array.from({ length: 9 }, (_, index) => ({ item: `/f${index}`, message: "permission denied" }));
    const message = faultOf(ending({ code: 3, failedItems }), "save data", "repos/c/ns")!.message;
    expect(message).toBe(
      "save data (repos/c/ns): 9 could not be done: /f0: permission denied; /f1: permission denied; /f2: permission denied; /f3: permission denied; /f4: permission denied; and 4 more",
    );
  });

  it("by kill -9 can be tried again", () => {
    expect(faultOf(ending({ code: null, signal: "SIGKILL" }), "save", "r")).toMatchObject({ retry: "soon" });
  });
});

describe("hopelessness", () => {
  it("lets a server that is down be waited for", () => {
    expect(
      hopelessness("Save(<data/5075075075>) returned error, retrying after 1s: connection refused"),
    ).toBeUndefined();
  });
});
