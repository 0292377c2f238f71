import { Fault } from "../../base/fault.ts";
import type { TargetAccess } from "../contract.ts";
import type { Backend, BackendOptions } from "./backend.ts";
import { directoryBackend } from "./directory.ts";
import { s3Backend } from "./s3.ts";

export function openBackend(access: TargetAccess, options: BackendOptions = {}): Backend {
  switch (access.kind) {
    case "s3":
      return s3Backend(access, options);
    case "directory":
      return directoryBackend(access.path);
    case "gateway":
      throw new Fault("INTERNAL", `${access.url} serves repositories to movers, it is no target by itself`, {
        hint: "open the directory that it serves",
      });
  }
}
