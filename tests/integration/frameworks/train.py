"""A training with JAX and Orbax. Its weights are the step: whoever loads a checkpoint knows which one it got.

train.py train VOLUME SCRATCH [BUCKET_URL]   one checkpoint after the other, until it is killed
train.py resume DIRECTORY                    what Orbax resumes from, and one more step
train.py load DIRECTORY STEP...              for each: can it be loaded?

BUCKET_URL is http://HOST:PORT/BUCKET/PREFIX; the keys come from the environment. What lies in SCRATCH is uploaded file by
file, the note of the begin first and commit_success.txt last, as Orbax does where there are no renames.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import sys
import urllib.parse

import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

WEIGHTS = 6_000_000  # 24 MB: long enough to be hit while it is written


def manager(directory):
    options = ocp.CheckpointManagerOptions(max_to_keep=int(os.environ.get("KEEP", "12")), enable_async_checkpointing=False)
    return ocp.CheckpointManager(pathlib.Path(directory).resolve(), options=options)


def state_at(step):
    rows = jnp.asarray(np.random.default_rng(step).standard_normal(WEIGHTS, dtype=np.float32))
    return {"step": step, "mark": jnp.full((8,), float(step)), "rows": rows}


def restore(checkpoints, step):
    state = checkpoints.restore(step, args=ocp.args.StandardRestore(state_at(0)))
    assert int(state["step"]) == step and float(state["mark"][0]) == step, state["step"]
    assert bool(jnp.array_equal(state["rows"], state_at(step)["rows"])), "the weights are not those of the step"
    return state


def train(volume, scratch, url=None):
    kept, local = manager(volume), manager(scratch)
    step = kept.latest_step() or 0
    if step:
        restore(kept, step)
        print(f"goes on from step {step}", file=sys.stderr, flush=True)
    while True:
        step += 1
        for place in (kept, local):
            place.save(step, args=ocp.args.StandardSave(state_at(step)))
            place.wait_until_finished()
        if url:
            upload(pathlib.Path(scratch) / str(step), f"{url}/{step}")
        print(json.dumps({"saved": step}), flush=True)


def upload(directory, url):
    files = [path for path in directory.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: (path.name != "_CHECKPOINT_METADATA", path.stat().st_size)):
        put(f"{url}/{path.relative_to(directory)}", path.read_bytes())
    put(f"{url}/commit_success.txt", b"Checkpoint commit was successful\n")


def put(url, body):
    """One PUT with AWS Signature 4."""
    parts = urllib.parse.urlsplit(url)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": now}
    names = ";".join(headers)
    listed = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(["PUT", urllib.parse.quote(parts.path), "", listed, names, digest])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("PUT", urllib.parse.quote(parts.path), body, headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"PUT {url}: {answer.status} {answer.read()[:500]!r}")
    connection.close()


def resume(directory):
    checkpoints = manager(directory)
    step = checkpoints.latest_step()
    restore(checkpoints, step)
    checkpoints.save(step + 1, args=ocp.args.StandardSave(state_at(step + 1)))
    checkpoints.wait_until_finished()
    print(json.dumps({"resumed": step, "now": checkpoints.latest_step()}), flush=True)


def load(directory, *steps):
    def loads(step):
        try:
            restore(manager(directory), int(step))
            return True
        except Exception as error:
            print(f"step {step}: {error}"[:500], file=sys.stderr)
            return False

    print(json.dumps({"loaded": [loads(step) for step in steps]}), flush=True)


if __name__ == "__main__":
    {"train": train, "resume": resume, "load": load}[sys.argv[1]](*sys.argv[2:])
