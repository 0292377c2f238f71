import { program } from "../../paths.ts";
import { sh } from "../../run/shell.ts";
import { adminKubeconfig } from "../../paths.ts";
import { openJupyter, type NotebookDocument } from "../jupyter.ts";
import { appNamespace, workbenchName } from "../settings.ts";
import { readyPod } from "../where.ts";
import { home } from "./workbench.ts";

/** The notebook file that the demo looks at. */
export const notebookPath = "iris-training.ipynb";

/** Puts a notebook with outputs, and files of several kinds, onto the workbench's volume. What is there already stays. */
export async function fillWorkbench(): Promise<void> {
  const jupyter = await openJupyter();
  if (!(await jupyter.exists(notebookPath))) await jupyter.writeNotebook(notebookPath, training);
  const pod = await readyPod({}, appNamespace, `notebook-name=${workbenchName}`);
  await sh(
    program("kubectl"),
    ["exec", "-i", "-n", appNamespace, pod.metadata.name, "-c", workbenchName, "--", "python3", "-"],
    {
      env: { KUBECONFIG: adminKubeconfig() },
      input: makeFiles,
      seconds: 120,
    },
  );
}

/** A cell of text. */
export function textCell(id: string, source: string): object {
  return { cell_type: "markdown", id, metadata: {}, source };
}

/** A cell of code that was run. */
export function codeCell(id: string, count: number, source: string, output: string): object {
  const stream = { output_type: "stream", name: "stdout", text: `${output}\n` };
  return { cell_type: "code", id, metadata: {}, execution_count: count, source, outputs: [stream] };
}

const training: NotebookDocument = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "python3", display_name: "Python 3 (ipykernel)", language: "python" },
    language_info: { name: "python", version: "3.11.2" },
  },
  cells: [
    textCell("title", "# Iris classifier\nTraining for the model registry: `iris-classifier` v1.0.0."),
    codeCell(
      "load",
      1,
      "from sklearn.datasets import load_iris\nX, y = load_iris(return_X_y=True)\nprint(X.shape, y.shape)",
      "(150, 4) (150,)",
    ),
    codeCell(
      "train",
      2,
      "from sklearn.linear_model import LogisticRegression\nclf = LogisticRegression(max_iter=1000, random_state=42).fit(X, y)\nprint(f'accuracy {clf.score(X, y):.4f}')",
      "accuracy 0.9733",
    ),
    codeCell("ask", 3, "print(clf.predict([[5.1,3.5,1.4,0.2],[6.7,3.1,5.6,2.4]]))", "[0 2]"),
  ],
};

/** Random data (always the same), and the kinds of files that a careless copy loses: links, holes, attributes, odd names, modes. */
const makeFiles = `
import os, random
os.chdir(${JSON.stringify(home)})
if os.path.exists("data/.complete"):
    raise SystemExit
os.makedirs("data", exist_ok=True)
os.makedirs("notes/empty folder", exist_ok=True)
rnd = random.Random(42)
for number in range(12):
    with open(f"data/measurements-{number:02}.bin", "wb") as file:
        file.write(rnd.randbytes(4 * 1024 * 1024))
with open("data/labels.csv", "w") as file:
    file.write("id,label\\n" + "".join(f"{row},{rnd.choice(('setosa', 'versicolor', 'virginica'))}\\n" for row in range(50000)))
with open("notes/caf\\u00e9 \\u2014 \\u65e5\\u672c.txt", "w") as file:
    file.write("Names are bytes.\\n")
with open("run.sh", "w") as file:
    file.write("#!/bin/sh\\necho trained\\n")
os.chmod("run.sh", 0o750)
with open("data/sparse.img", "wb") as file:
    file.truncate(64 * 1024 * 1024)
    file.seek(32 * 1024 * 1024)
    file.write(b"in the middle of nothing")
for make in (lambda: os.link("data/labels.csv", "data/labels-hardlink.csv"), lambda: os.symlink("labels.csv", "data/labels-symlink.csv")):
    try:
        make()
    except FileExistsError:
        pass
os.setxattr("data/labels.csv", "user.origin", b"uci-iris")
os.utime("data/labels.csv", (1700000000, 1700000000))
open("data/.complete", "w").close()
`;
