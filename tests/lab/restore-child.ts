/** A restore in a process of its own, to be killed: its order comes on standard input. Used by restore-data.test.ts. */
import { text } from "node:stream/consumers";
import { silentProgress } from "../../src/base/progress.ts";
import { connect } from "../../src/kube/connect.ts";
import { kubeMovers } from "../../src/movers/run.ts";
import { runRestore } from "../../src/run/restore.ts";
import { openTarget } from "../../src/store/target.ts";

const order = JSON.parse(await text(process.stdin));
const client = await connect({ kubeconfig: order.kubeconfig });
const target = await openTarget(order.access, order.key);
const movers = kubeMovers({ client, image: order.image, pullPolicy: "IfNotPresent" });
const signal = new AbortController().signal;
await runRestore(
  { client, target, access: order.access, movers, progress: silentProgress, signal, staging: order.staging },
  order.restore,
);
process.exit(0);
