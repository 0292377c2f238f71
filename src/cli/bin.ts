#!/usr/bin/env node
import { enableCompileCache } from "node:module";

enableCompileCache(); // before anything else is read: starting is most of what a short command does
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
// Pooled connections would keep the process for their idle time.
process.exit();
