#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the float model with two independent sources: the published similarities of
# all-MiniLM-L6-v2, and a double-precision forward pass in NumPy, on tokens of the package
# `tokenizers`, of texts of several lengths and scripts, through the whole chain of `bertsim
# encode`. Prints the largest differences; exit status 1 if one exceeds 1e-5, 77 if the model or
# NumPy (SB_FOREIGN) is not there. BERTSIM names the built program; without it, it is built.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
if [ ! -e "$SB_MODEL/model.safetensors" ]; then
  [ -z "${SB_REQUIRE_MODEL:-}" ] || die "SB_REQUIRE_MODEL is set, but SB_MODEL holds no model"
  say "skipped: SB_MODEL holds no model (scripts/setup.sh fetches it)"
  exit 77
fi
sb_need_foreign
if [ -z "${BERTSIM:-}" ]; then
  sb_build bertsim
  BERTSIM=$SB_BUILD/tb/bertsim
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat > "$scratch/texts.json" <<JSON
["That is a happy person", "That is a happy dog", "That is a very happy person",
 "Today is a sunny day",
 "x", "Systolic arrays move activations from column to column, one word per cycle.",
 "Zażółć gęślą jaźń; Съешь же ещё этих мягких французских булок, 東京 and Ελλάδα!",
 "A library that reads, checks and writes tensors: every offset is in range, \
nothing overlaps, no byte is left over, and each size equals the product of the extents of its \
shape. A file that fails any of these checks is refused with one line that names the tensor."]
JSON
"$SB_VENV/bin/python" - "$SB_MODEL" "$scratch" <<'PY'
import json, math, sys
import numpy as np
from tokenizers import Tokenizer
model, scratch = sys.argv[1:]
raw = open(model + "/model.safetensors", "rb").read()
start = 8 + int.from_bytes(raw[:8], "little")
def tensor(t):
    flat = np.frombuffer(raw, np.float32, math.prod(t["shape"]), start + t["data_offsets"][0])
    return flat.reshape(t["shape"]).astype(np.float64)
w = {name: tensor(t)
     for name, t in json.loads(raw[8:start]).items() if t.get("dtype") == "F32"}
config = json.load(open(model + "/config.json"))
tokenizer = Tokenizer.from_file(model + "/tokenizer.json")
tokenizer.no_padding(); tokenizer.no_truncation()
erf = np.vectorize(math.erf)
def dense(x, n): return x @ w[n + ".weight"].T + w[n + ".bias"]
def norm(x, n):
    x = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((x * x).mean(-1, keepdims=True) + config["layer_norm_eps"])
    return x / deviation * w[n + ".weight"] + w[n + ".bias"]
def embed(text):
    ids, e = tokenizer.encode(text).ids, "embeddings."
    x = (w[e + "word_embeddings.weight"][ids] + w[e + "position_embeddings.weight"][:len(ids)]
         + w[e + "token_type_embeddings.weight"][0])
    x = norm(x, e + "LayerNorm")
    for i in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{i}."
        heads = config["num_attention_heads"]
        split = lambda n: dense(x, layer + "attention.self." + n).reshape(
            len(ids), heads, -1).transpose(1, 0, 2)
        q, k, v = split("query"), split("key"), split("value")
        p = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1]))
        context = (p / p.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        h = norm(dense(context, layer + "attention.output.dense") + x,
                 layer + "attention.output.LayerNorm")
        z = dense(h, layer + "intermediate.dense")
        x = norm(dense(z / 2 * (1 + erf(z / math.sqrt(2))), layer + "output.dense") + h,
                 layer + "output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)
texts = json.load(open(scratch + "/texts.json"))
np.save(scratch + "/reference.npy", np.array([embed(text) for text in texts]))
PY

check() {  # MODEL_FOLDER: encodes the texts with the program and compares
  "$BERTSIM" encode --model "$1" --texts "$scratch/texts.json" --engine float \
    --out "$scratch/ours.npy"
  "$SB_VENV/bin/python" - "$scratch" <<'PY'
import sys
import numpy as np
ours, reference = (np.load(f"{sys.argv[1]}/{name}.npy").astype(np.float64)
                   for name in ("ours", "reference"))
published = np.array([0.6945773363113403, 0.9429150819778442, 0.2568760812282562])
worst = np.abs(ours - reference).max()
similarity = np.abs(ours[1:4] @ ours[0] - published).max()
print(f"float model against a float64 pass in NumPy, {len(ours)} texts: "
      f"largest difference of an element {worst:.1e} (limit 1e-5)")
print(f"float model against published similarities: "
      f"largest difference {similarity:.1e} (limit 1e-5)")
sys.exit(not (worst <= 1e-5 and similarity <= 1e-5))
PY
}

status=0
check "$SB_MODEL" || status=1
# The comparison itself: LayerNorm with a slightly wrong epsilon must be found.
mkdir "$scratch/wrong"
ln -s "$SB_MODEL"/{model.safetensors,vocab.txt,tokenizer_config.json} "$scratch/wrong"
sed 's/"layer_norm_eps": 1e-12/"layer_norm_eps": 1e-5/' "$SB_MODEL/config.json" \
  > "$scratch/wrong/config.json"
if check "$scratch/wrong" > /dev/null; then
  say "an injected wrong epsilon was not found"
  status=1
fi
exit $status
