import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2));
// Pooled connections would keep the process for their idle time.
process.exit();
