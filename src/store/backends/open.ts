import type { TargetAccess } from "../contract.ts";
import type { Backend, BackendOptions } from "./backend.ts";
import { directoryBackend } from "./directory.ts";
import { s3Backend } from "./s3.ts";

export function openBackend(access: TargetAccess, options: BackendOptions = {}): Backend {
  return access.kind === "s3" ? s3Backend(access, options) : directoryBackend(access.path);
}
