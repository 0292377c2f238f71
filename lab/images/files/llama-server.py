"""Serves one GGUF file through llama.cpp's own HTTP server (OpenAI API), with the few vLLM arguments the lab uses."""

import argparse
import glob
import signal
import sys

import xllamacpp


def arguments():
    parser = argparse.ArgumentParser(prog="llama-server")
    parser.add_argument("--model", required=True, help="a .gguf file, or a folder that holds exactly one")
    parser.add_argument("--served-model-name", default="model")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--max-model-len", type=int, default=512)
    return parser.parse_args()


def weights(path):
    if path.endswith(".gguf"):
        return path
    found = sorted(glob.glob(path + "/**/*.gguf", recursive=True))
    if len(found) != 1:
        sys.exit(f"llama-server: expected one .gguf file under {path}, found {len(found)}: {found}")
    return found[0]


def main():
    args = arguments()
    params = xllamacpp.CommonParams()
    params.model.path = weights(args.model)
    params.model_alias = {args.served_model_name}
    params.hostnames = ["0.0.0.0"]
    params.port = args.port
    params.n_ctx = args.max_model_len
    params.n_parallel = 1
    # One thread and no prompt cache: the same prompt gives the same words, whatever was asked before.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.cache_prompt = False
    params.warmup = False
    params.ui = False
    server = xllamacpp.Server(params)
    print(f"llama-server: serving {params.model.path} as {args.served_model_name} on {server.listening_address}", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    while True:
        signal.pause()


main()
