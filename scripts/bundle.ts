/** `make cli`: the whole program as one file, which needs Node 24 and restic and nothing else. */
import { statSync } from "node:fs";
import { relative } from "node:path";
import { bundle } from "../deploy/image/build.ts";

const file = await bundle();
const size = (statSync(file).size / 2 ** 20).toFixed(1);
process.stdout.write(
  `${relative(process.cwd(), file)} (${size} MiB): copy it anywhere as holdfast, and as kubectl-holdfast for kubectl\n`,
);
process.stdout.write('from this checkout, without it: export PATH="$PWD/bin:$PATH"\n');
