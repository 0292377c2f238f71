import { status } from "@grpc/grpc-js";

/** The gRPC codes that the CSI specification gives a meaning to and this driver uses. */
export type Code =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "FAILED_PRECONDITION"
  | "OUT_OF_RANGE"
  | "ABORTED"
  | "UNIMPLEMENTED";

/** An error that the caller is told with its gRPC code; any other error becomes INTERNAL. */
export type Fault = Error & { readonly grpc: Code };

/** Makes a Fault: `throw fault("NOT_FOUND", "volume x does not exist")`. */
export const fault = (grpc: Code, message: string): Fault => Object.assign(new Error(message), { grpc });

/** The code to answer with for anything that was thrown. */
export const codeOf = (error: unknown): status =>
  error instanceof Error && "grpc" in error ? status[(error as Fault).grpc] : status.INTERNAL;

/** Refuses an empty required field. */
export function required(value: string | undefined, field: string): string {
  if (!value) throw fault("INVALID_ARGUMENT", `${field} is required`);
  return value;
}
