/**
 * What node is started with. The size of what is young cannot be changed later: 8 MiB cost a third of the processor time of
 * V8's own 1 to 16, and 24 MiB less memory at the most.
 */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=8"];

/**
 * Its surroundings. glibc otherwise learns from the first large piece that is given back to keep all pieces up to that size
 * for itself: buffers that live for a moment then leave holes of some 60 MiB. Lower bounds would hold 50 MiB less and cost a tenth
 * of the rate (bench/README.md). No other library of a system asks for it.
 */
export const nodeEnvironment: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "4194304",
};
