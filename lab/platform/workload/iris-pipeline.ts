/** Trains on the iris flowers with scikit-learn; writes the model and one line about it. */
const train = `
import os, sys, joblib
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
threshold, model_file, info_file = sys.argv[1:]
X, y = load_iris(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.2, random_state=42)
model = RandomForestClassifier(n_estimators=10, random_state=42).fit(Xtr, ytr)
accuracy = model.score(Xte, yte)
assert accuracy >= float(threshold), f"accuracy {accuracy} is below {threshold}"
for file in model_file, info_file:
    os.makedirs(os.path.dirname(file), exist_ok=True)
joblib.dump(model, model_file)
open(info_file, "w").write(f"trained-acc-{accuracy:.4f}")
`;

const register = `
import os, sys, joblib
info, model_file, registered_file = sys.argv[1:]
joblib.load(model_file)
os.makedirs(os.path.dirname(registered_file), exist_ok=True)
open(registered_file, "w").write(f"registered:{info}")
`;

/**
 * The walkthrough's two-step pipeline, train and register, as Kubeflow's compiler 2.14.3 writes it. Each step runs a plain container:
 * driver and launcher bring its parameters and artifacts, and write into ML metadata what came of what.
 */
export function irisPipeline(image: string): object {
  const string = { parameterType: "STRING" };
  const double = { parameterType: "NUMBER_DOUBLE" };
  const model = { artifactType: { schemaTitle: "system.Model", schemaVersion: "0.0.1" } };
  const resources = { resourceCpuRequest: "20m", resourceMemoryRequest: "64Mi", resourceMemoryLimit: "1Gi" };
  const python = (script: string, ...args: string[]) => ({
    container: { image, command: ["python3", "-c", script], args: args.map((one) => `{{$.${one}}}`), resources },
  });
  // Every run works anew: what an earlier one found out is not taken for it.
  const task = (name: string) => ({ componentRef: { name: `comp-${name}` }, taskInfo: { name }, cachingOptions: {} });
  const trained = { producerTask: "train-iris" };
  return {
    schemaVersion: "2.1.0",
    sdkVersion: "kfp-2.14.3",
    pipelineInfo: { name: "iris-classifier-training" },
    root: {
      inputDefinitions: { parameters: { accuracy_threshold: { ...double, defaultValue: 0.9, isOptional: true } } },
      dag: {
        tasks: {
          "train-iris": {
            ...task("train-iris"),
            inputs: { parameters: { threshold: { componentInputParameter: "accuracy_threshold" } } },
          },
          register: {
            ...task("register"),
            dependentTasks: ["train-iris"],
            inputs: {
              parameters: { info: { taskOutputParameter: { ...trained, outputParameterKey: "model_info" } } },
              artifacts: { model: { taskOutputArtifact: { ...trained, outputArtifactKey: "model" } } },
            },
          },
        },
      },
    },
    components: {
      "comp-train-iris": {
        executorLabel: "exec-train-iris",
        inputDefinitions: { parameters: { threshold: double } },
        outputDefinitions: { parameters: { model_info: string }, artifacts: { model } },
      },
      "comp-register": {
        executorLabel: "exec-register",
        inputDefinitions: { parameters: { info: string }, artifacts: { model } },
        outputDefinitions: { parameters: { registered: string } },
      },
    },
    deploymentSpec: {
      executors: {
        "exec-train-iris": python(
          train,
          "inputs.parameters['threshold']",
          "outputs.artifacts['model'].path",
          "outputs.parameters['model_info'].output_file",
        ),
        "exec-register": python(
          register,
          "inputs.parameters['info']",
          "inputs.artifacts['model'].path",
          "outputs.parameters['registered'].output_file",
        ),
      },
    },
  };
}
