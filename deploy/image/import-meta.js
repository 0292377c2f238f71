// A bundle in CommonJS has no import.meta: this stands in for its url.
export const __holdfastUrl = require("node:url").pathToFileURL(__filename).href;
