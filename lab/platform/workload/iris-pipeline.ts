/** Trains on the iris flowers with scikit-learn; writes the model and one line about it. */
const train = `
import sys, joblib
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
X, y = load_iris(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.2, random_state=42)
model = RandomForestClassifier(n_estimators=10, random_state=42).fit(Xtr, ytr)
accuracy = model.score(Xte, yte)
assert accuracy >= float(sys.argv[1]), f"accuracy {accuracy} is below {sys.argv[1]}"
joblib.dump(model, "/tmp/model.joblib")
open("/tmp/model-info", "w").write(f"trained-acc-{accuracy:.4f}")
`;

const register = `
import sys
open("/tmp/registered", "w").write(f"registered:{sys.argv[1]}")
`;

/**
 * The walkthrough's two-step pipeline, train and register, as a Workflow of Argo templates: the form that Kubeflow Pipelines took
 * first and still takes.
 */
export function irisPipeline(image: string): object {
  const resources = { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "1Gi" } };
  const python = (script: string, ...args: string[]) => ({
    image,
    command: ["python3", "-c", script],
    args,
    resources,
  });
  const output = (name: string) => ({ name, valueFrom: { path: `/tmp/${name}` } });
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Workflow",
    metadata: { generateName: "iris-classifier-training-" },
    spec: {
      entrypoint: "iris-pipeline",
      arguments: { parameters: [{ name: "accuracy_threshold", value: "0.9" }] },
      templates: [
        {
          name: "iris-pipeline",
          dag: {
            tasks: [
              {
                name: "train-iris",
                template: "train-iris",
                arguments: {
                  parameters: [{ name: "threshold", value: "{{workflow.parameters.accuracy_threshold}}" }],
                },
              },
              {
                name: "register",
                template: "register",
                dependencies: ["train-iris"],
                arguments: {
                  parameters: [{ name: "info", value: "{{tasks.train-iris.outputs.parameters.model-info}}" }],
                },
              },
            ],
          },
        },
        {
          name: "train-iris",
          inputs: { parameters: [{ name: "threshold" }] },
          container: python(train, "{{inputs.parameters.threshold}}"),
          outputs: {
            parameters: [output("model-info")],
            artifacts: [{ name: "model", path: "/tmp/model.joblib", archive: { none: {} } }],
          },
        },
        {
          name: "register",
          inputs: { parameters: [{ name: "info" }] },
          container: python(register, "{{inputs.parameters.info}}"),
          outputs: { parameters: [output("registered")] },
        },
      ],
    },
  };
}
