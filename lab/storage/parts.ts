import type { Part } from "../run/part.ts";
import { storageApi } from "./api.part.ts";
import { csiDriver } from "./driver.part.ts";
import { storageHost } from "./host.part.ts";
import { csiSidecars } from "./sidecars.part.ts";

/** The lab's storage. The host's filesystem stands first, so that it goes down last, after every pod. */
export const storageParts: readonly Part[] = [storageHost, storageApi, csiDriver, csiSidecars];
