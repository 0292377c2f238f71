"""Makes the lab's model files, always the same bytes: iris classifiers (scikit-learn) and a small random language model (GGUF)."""

import json
import os
import sys

import gguf
import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

OUT = sys.argv[1]

# Words, so that what the random model says can be read aloud.
WORDS = """a able about above across after again against all also always and any archive are around as at away back backup
bad base be because been before begin better between big both bring bucket build but by call can case change check class clear
close cluster come copy could cut data day deep did disk do does done door down drive each early earth easy end endpoint enough
even ever every example eye face fact fall far fast feel few field file find fire first fit five fly follow for form found four
free from full garden gave get give go good great green grow had half hand hard has have he head hear help her here high him his
hold holdfast home hope hot hour house how idea if in into iris is it just keep key kind know lake land large last late learn
leave left less let letter life light like line list little live long look lost love low machine made main make man many map mark
may mean men might mile mind model moon more morning most move much must my name near need never new next night no north not
note now number object of off often old on once one only open or order other our out over own page paper part past people place
plan plant play point pod port press proof prove put question quick rain read ready real record red rest restore right river road
rock room round run safe said same saw say school sea seal second see seed seen set shape she ship short should show side silver
simple since sky sleep slow small snapshot snow so some song soon sound south space stand star start state stay step still stone
stood stop store story street strong such sun sure table take talk tell ten test than that the their them then there these they
thing think this those thought three through time to today together told too took top tree true try turn two under until up upon
us use vault very vine voice volume wait walk want war warm was watch water way we week weight well went were west what wheel when
where which while white who whole why wide will wind winter wish with without wood word work world would write year yes yet you
young your""".split()


def iris(folder, version, regularisation):
    os.makedirs(folder)
    features, labels = load_iris(return_X_y=True)
    model = LogisticRegression(C=regularisation, max_iter=1000, random_state=42).fit(features, labels)
    joblib.dump(model, f"{folder}/model.joblib")
    settings = {
        "name": "iris",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib", "version": version},
    }
    with open(f"{folder}/model-settings.json", "w") as file:
        json.dump(settings, file, indent=2)


def language_model(path, width=384, layers=10, heads=6, inner=1024, seed=125):
    random = np.random.default_rng(seed)
    control = ["<unk>", "<s>", "</s>"]
    pieces = control + [f"<0x{byte:02X}>" for byte in range(256)] + ["\u2581" + word for word in WORDS]
    kinds = [2, 3, 3] + [6] * 256 + [1] * len(WORDS)  # unknown, control, control, bytes, words

    def tensor(*shape):
        return (random.standard_normal(shape, dtype=np.float32) / np.sqrt(shape[-1])).astype(np.float16)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("holdfast-lab-random")
    writer.add_context_length(512)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(pieces))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([-1000.0] * (3 + 256) + [-float(rank) for rank in range(len(WORDS))])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    embedding = tensor(len(pieces), width)
    writer.add_tensor("token_embd.weight", embedding)
    # Each word points at another in one random ring, so the text wanders instead of repeating itself. The rows of control and
    # byte pieces are zero: a word always wins over them, so the text is words and never ends early.
    head = np.zeros_like(embedding)
    ring = random.permutation(np.arange(3 + 256, len(pieces)))
    head[np.roll(ring, -1)] = embedding[ring]
    writer.add_tensor("output.weight", head)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    for layer in range(layers):
        name = f"blk.{layer}."
        writer.add_tensor(name + "attn_norm.weight", np.ones(width, dtype=np.float32))
        writer.add_tensor(name + "ffn_norm.weight", np.ones(width, dtype=np.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{name}{part}.weight", tensor(width, width))
        writer.add_tensor(name + "ffn_gate.weight", tensor(inner, width))
        writer.add_tensor(name + "ffn_up.weight", tensor(inner, width))
        writer.add_tensor(name + "ffn_down.weight", tensor(width, inner))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


iris(f"{OUT}/iris", "v1.0.0", 1.0)
iris(f"{OUT}/iris-v1.1.0", "v1.1.0", 2.0)
os.makedirs(f"{OUT}/opt-125m")
language_model(f"{OUT}/opt-125m/model.gguf")
