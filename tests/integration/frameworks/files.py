"""Models of frameworks that write one file. files.py write DIRECTORY; files.py load FILE... tells for each whether it can be loaded."""

import json
import pathlib
import pickle
import sys

import lightgbm
import numpy as np
import safetensors.numpy
import xgboost

random = np.random.default_rng(1)
rows, labels = random.standard_normal((400, 5)), random.integers(0, 2, 400)


def write(directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True)
    quiet = {"verbosity": 0}
    data = xgboost.DMatrix(rows, labels)
    saving = xgboost.callback.TrainingCheckPoint(directory=directory, name="model", interval=2)
    xgboost.train(quiet, data, num_boost_round=7, callbacks=[saving])

    def snapshot(env):
        env.model.save_model(directory / f"gbm.txt.snapshot_iter_{env.iteration + 1}")

    lightgbm.train({"verbose": -1}, lightgbm.Dataset(rows, labels), 3, callbacks=[snapshot])
    tensors = {"embed": rows.astype(np.float32), "head": labels}
    safetensors.numpy.save_file(tensors, directory / "model.safetensors")
    (directory / "labels.pkl").write_bytes(pickle.dumps({"labels": labels, "rows": rows}))


def load(*paths):
    def reads(path):
        try:
            if path.endswith(".ubj"):
                return xgboost.Booster(model_file=path).num_boosted_rounds() > 0
            if path.endswith(".safetensors"):
                return len(safetensors.numpy.load_file(path)) > 0
            if path.endswith(".pkl"):
                return len(pickle.loads(pathlib.Path(path).read_bytes())) > 0
            return lightgbm.Booster(model_file=path).num_trees() > 0
        except Exception:
            return False

    print(json.dumps([reads(path) for path in paths]))


if __name__ == "__main__":
    {"write": write, "load": load}[sys.argv[1]](*sys.argv[2:])
