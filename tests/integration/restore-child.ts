/** A restore of objects in a process of its own, to be killed: its order comes on standard input. */
import { text } from "node:stream/consumers";
import { silentProgress } from "../../src/base/progress.ts";
import { connect } from "../../src/kube/connect.ts";
import { runRestore } from "../../src/run/restore.ts";
import { openTarget } from "../../src/store/target.ts";

const order = JSON.parse(await text(process.stdin));
const client = await connect({ kubeconfig: order.kubeconfig });
const target = await openTarget(order.access, order.key);
const movers = { run: () => Promise.reject(new Error("no mover is needed here")), cleanUp: async () => {} };
const signal = new AbortController().signal;
const world = { client, target, access: order.access, movers, progress: silentProgress, signal, staging: "" };
await runRestore(world, order.restore);
process.exit(0);
