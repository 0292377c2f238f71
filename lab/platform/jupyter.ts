import { createHash } from "node:crypto";
import { request } from "undici";
import { askJson, answers } from "./http.ts";
import { appNamespace, workbenchName } from "./settings.ts";
import { namespaceIn, podAddress, type Where } from "./where.ts";

/** A notebook document, as far as it is written here. */
export interface NotebookDocument {
  readonly cells: readonly object[];
  readonly [field: string]: unknown;
}

/** JupyterLab of the workbench, through its REST API. */
export interface Jupyter {
  readNotebook(path: string): Promise<NotebookDocument>;
  writeNotebook(path: string, content: NotebookDocument): Promise<void>;
  /** SHA-256 of the file's bytes. */
  sha256(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
}

/** Waits until the workbench answers. */
export async function openJupyter(where: Where = {}): Promise<Jupyter> {
  const address = await podAddress(where, appNamespace, `notebook-name=${workbenchName}`);
  const base = `http://${address}:8888/notebook/${namespaceIn(where, appNamespace)}/${workbenchName}`;
  const contents = (path: string) => `${base}/api/contents/${encodeURI(path)}`;
  return {
    readNotebook: async (path) => (await askJson(contents(path))).content,
    writeNotebook: async (path, content) => {
      await askJson(contents(path), { method: "PUT", body: { type: "notebook", format: "json", content } });
    },
    sha256: async (path) => {
      const response = await request(`${base}/files/${encodeURI(path)}`, { signal: AbortSignal.timeout(30_000) });
      if (response.statusCode !== 200)
        throw new Error(`the workbench has no file ${path}: HTTP ${response.statusCode}`);
      const hash = createHash("sha256");
      for await (const chunk of response.body) hash.update(chunk);
      return hash.digest("hex");
    },
    exists: (path) => answers(`${contents(path)}?content=0`),
  };
}
