import { describe, expect, it } from "vitest";
import { podTrouble } from "./pod-trouble.ts";

const pod = (status: object) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, status });
const warning = (reason: string, message: string) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e" },
  type: "Warning",
  reason,
  message,
});

describe("why a mover's pod does not start", () => {
  it("says that the image cannot be pulled", () => {
    const trouble = podTrouble(
      pod({
        containerStatuses: [
          { image: "r/h:1", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } },
        ],
      }),
      [],
    );
    expect(trouble).toMatchObject({ message: "image r/h:1: ImagePullBackOff: not found", certain: true });
  });

  it("says that a volume cannot be mounted, by the last event", () => {
    const trouble = podTrouble(pod({ conditions: [{ type: "PodScheduled", status: "True" }] }), [
      warning("FailedMount", "MountVolume.SetUp failed:\n  no such device"),
    ]);
    expect(trouble).toMatchObject({
      message: "volume: FailedMount: MountVolume.SetUp failed: no such device",
      certain: true,
    });
  });

  it("tells a full cluster from a claim that is being provisioned", () => {
    const unschedulable = (message: string) =>
      pod({ conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] });
    expect(podTrouble(unschedulable("0/3 nodes are available: 3 Insufficient memory."), [])).toMatchObject({
      certain: true,
    });
    expect(podTrouble(unschedulable("pod has unbound immediate PersistentVolumeClaims"), [])).toMatchObject({
      certain: false,
    });
  });

  it("has nothing to say of a pod that takes its time", () => {
    expect(
      podTrouble(pod({ containerStatuses: [{ image: "x", state: { waiting: { reason: "ContainerCreating" } } }] }), []),
    ).toBeUndefined();
  });
});
