"""Checkpoints of frameworks that are too large to install, in their documented layouts, by Python's own pickle and zipfile.

layouts.py DIRECTORY: two steps of each, both complete.
"""

import collections
import dataclasses
import io
import json
import pathlib
import pickle
import sys
import types
import zipfile

root = pathlib.Path(sys.argv[1])


def module(name):
    made = types.ModuleType(name)
    sys.modules[name] = made
    return made


def known_as(name):
    """A class of ours that pickles as if it were that of the framework."""

    def rename(cls):
        cls.__module__, _, short = name.rpartition(".")
        cls.__name__ = cls.__qualname__ = short
        setattr(sys.modules.get(cls.__module__) or module(cls.__module__), short, cls)
        return cls

    return rename


@known_as("torch.distributed.checkpoint.metadata.MetadataIndex")
@dataclasses.dataclass(frozen=True)
class MetadataIndex:
    fqn: str
    offset: object = None
    index: object = dataclasses.field(hash=False, compare=False, default=None)


@known_as("torch.distributed.checkpoint.filesystem._StorageInfo")
@dataclasses.dataclass
class StorageInfo:
    relative_path: str
    offset: int
    length: int
    transform_descriptors: object = None


@known_as("torch.distributed.checkpoint.metadata.Metadata")
@dataclasses.dataclass
class Metadata:
    state_dict_metadata: dict
    planner_data: object = None
    storage_data: object = None


@known_as("torch.FloatStorage")
class Storage:
    pass


@known_as("torch._utils._rebuild_tensor_v2")
class Tensor:
    def __reduce__(self):
        return (Tensor, (Persistent("0"), 0, (4, 4), (4, 1), False, collections.OrderedDict()))


class Persistent:
    def __init__(self, key):
        self.key = key


class Pickler(pickle.Pickler):
    def persistent_id(self, obj):
        return ("storage", Storage, obj.key, "cpu", 16) if isinstance(obj, Persistent) else None


def write(path, body):
    path = root / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body if isinstance(body, bytes) else body.encode())


def torch_file(state):
    """As torch.save: an archive of a pickle and the storages, nothing of it packed."""
    data = io.BytesIO()
    Pickler(data, protocol=2).dump(state)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as made:
        made.writestr("archive/data.pkl", data.getvalue())
        made.writestr("archive/byteorder", "little")
        made.writestr("archive/data/0", bytes(64))
        made.writestr("archive/version", "3\n")
    return archive.getvalue()


def dcp(directory):
    storage = {}
    for rank in range(2):
        write(f"{directory}/__{rank}_0.distcp", bytes(300))
        for part in range(3):
            storage[MetadataIndex(f"layer{part}.{rank}", (0, 0))] = StorageInfo(f"__{rank}_0.distcp", 100 * part, 100)
    metadata = Metadata({"layer0": Tensor}, {"a": (1, "b")}, storage)
    write(f"{directory}/.metadata", pickle.dumps(metadata))


for step in (100, 200):
    weights = torch_file(collections.OrderedDict(w=Tensor()))
    dcp(f"dcp/step-{step}")

    hf = f"hf/checkpoint-{step}"
    for name in ("pytorch_model.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
        write(f"{hf}/{name}", weights)
    write(f"{hf}/trainer_state.json", json.dumps({"global_step": step, "log_history": []}))

    ds = f"deepspeed/global_step{step}"
    state = {"module": collections.OrderedDict(w=Tensor()), "dp_world_size": 2, "mp_world_size": 1}
    write(f"{ds}/mp_rank_00_model_states.pt", torch_file(state))
    for rank in range(2):
        write(f"{ds}/zero_pp_rank_{rank}_mp_rank_00_optim_states.pt", weights)
    write("deepspeed/latest", f"global_step{step}")

    write(f"megatron/iter_{step:07}/common.pt", weights)
    dcp(f"megatron/iter_{step:07}")
    write("megatron/latest_checkpointed_iteration.txt", str(step))

    lightning = {"epoch": 1, "global_step": step, "state_dict": collections.OrderedDict(w=Tensor())}
    write(f"lightning/epoch=1-step={step}.ckpt", torch_file(lightning))
    write("lightning/last.ckpt", torch_file(lightning))

    write(f"ray/run/checkpoint_{step:06}/model.pt", weights)
    write(f"tf/ckpt-{step}.index", b"index")
    write(f"tf/ckpt-{step}.data-00000-of-00001", b"data")

results = [{"checkpoint_dir_name": f"checkpoint_{step:06}", "metrics": {}} for step in (100, 200)]
write("ray/run/checkpoint_manager_snapshot.json", json.dumps({"checkpoint_results": results}))
write("tf/checkpoint", 'model_checkpoint_path: "ckpt-200"\nall_model_checkpoint_paths: "ckpt-100"\n')
