import manifest from "../../package.json" with { type: "json" };

/** Of Holdfast: recorded in every point. */
export const version: string = manifest.version;
