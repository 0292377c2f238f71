import { describe, expect, it } from "vitest";
import { exitCode } from "./pod-streams.ts";

describe("exitCode", () => {
  it("tells a command that failed from one that could not be run", () => {
    expect(exitCode('{"status":"Success"}')).toBe(0);
    expect(
      exitCode(
        '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}',
      ),
    ).toBe(7);
    expect(exitCode('{"status":"Failure","reason":"InternalError","message":"no such container"}')).toBeUndefined();
    expect(exitCode("<html>Bad gateway")).toBeUndefined();
  });
});
