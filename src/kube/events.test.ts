import { describe, expect, it } from "vitest";
import { eventObject } from "./events.ts";

const about = { apiVersion: "holdfast.dev/v1alpha1", kind: "ClusterBackup", metadata: { name: "b", uid: "u1" } };
const said = { type: "Normal", reason: "Snapshot", message: "3 volumes" };

describe("eventObject", () => {
  it("has the same name for the same saying, another for another", () => {
    const first = eventObject(about, said, "holdfast", new Date(0));
    expect(eventObject(about, said, "holdfast", new Date(99_000)).metadata.name).toBe(first.metadata.name);
    expect(eventObject(about, { ...said, message: "4 volumes" }, "holdfast", new Date(0)).metadata.name).not.toBe(
      first.metadata.name,
    );
    expect(first.metadata.namespace).toBe("default");
    expect(first.firstTimestamp).toBe("1970-01-01T00:00:00Z");
  });

  it("cuts what the API would refuse", () => {
    expect(eventObject(about, { ...said, message: "x".repeat(5000) }, "holdfast", new Date(0)).message).toHaveLength(
      1024,
    );
  });
});
