#!/bin/bash
# What a GPU does with `selfinstruct train`: a random model of Llama 3 8B's shape, sequences of about 2,048 tokens.
#
#   bash benchmarks/gpu.sh            (at most ten minutes on one H100 or H200, after the installing)
#   bash benchmarks/gpu.sh --small    (the same steps with a small model, anywhere; proves the script, measures nothing)
#
# Needs the extras `train` and `qlora`, `pip install trl datasets`, and 40 GB of disk. Prints, from each model card,
# tokens/s and MFU of LoRA, QLoRA and full training, packed; LoRA and full beside a plain loop and TRL; FSDP2 with one
# process; and a run that is killed and goes on, whose losses must be those of the run that was not.
# Full training of 8B takes 16 bytes a parameter, 129 GB: the model for it has half of the layers.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small=${1:-}
if [ "$small" = --small ]; then shape="64 128 2 2 4 1 512" length=256 rows=24 batch=4; else shape="4096 14336 32 16 32 8 128256" length=2048 rows=96 batch=8; fi

echo "== a random base of that shape, and one with half of the layers"
python - "$work" $rows $length $shape <<'PY'
import json, sys
from pathlib import Path
from random import Random

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from selfinstruct.finetune.models.tiny import tiny_tokenizer

folder, (rows, length, width, inner, layers, fewer, heads, groups, vocabulary) = Path(sys.argv[1]), map(int, sys.argv[2:])
rng = Random(0)
words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 8))) for _ in range(200)]
# A word is about two tokens of a tokenizer that has seen the words.
texts = [" ".join(rng.choices(words, k=length)) for _ in range(rows)]
tokenizer = tiny_tokenizer(texts[:4], 512)
with (folder / "rows.jsonl").open("w") as file:
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"][: length - 64]
        print(json.dumps({"instruction": "Go on.", "output": tokenizer.decode(ids)}), file=file)
torch.manual_seed(0)
for name, count in {"base": layers, "half": fewer}.items():
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=inner, num_hidden_layers=count,
        num_attention_heads=heads, num_key_value_heads=groups, max_position_embeddings=8192, rope_theta=500000.0,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, dtype="bfloat16",
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder / name)
    tokenizer.save_pretrained(folder / name)
    del model
PY

train() { # NAME BASE METHOD [more]
  local name=$1 base=$2 method=$3
  shift 3
  "${launch[@]}" train "$work/rows.jsonl" --base "$work/$base" --method "$method" --out "$work/$name" --template plain \
    --set batch=$batch --set micro_batch=1 --set max_length=$length --set packing=true --set checkpointing=true \
    --set samples=0 --set warmup=0 --set schedule=constant "$@" 2>"$work/$name.log" || { cat "$work/$name.log"; exit 1; }
}
said() { # the figures of a finished run
  python - "$1" "$work/$1/train.json" <<'PY'
import json, sys
figures = json.load(open(sys.argv[2]))["figures"]
mfu = figures["mfu"]
print(f"{sys.argv[1]:>8}: {figures['tokens_per_second']:,.0f} tokens/s, MFU {'unknown' if mfu is None else f'{mfu:.0%}'}")
PY
}
launch=(python -m selfinstruct)
python -m selfinstruct --version
for method in lora qlora full; do
  echo "== $method, packed"
  base=base; [ $method = full ] && base=half
  train $method $base $method --set steps=8
  said $method
  rm -rf "$work/$method"
done

echo "== FSDP2, one process"
launch=(python -m accelerate.commands.launch --config_file "$here/finetune/accelerate/fsdp2.yaml" --num_processes 1 -m selfinstruct)
train fsdp2 half full --set steps=4
said fsdp2
rm -rf "$work/fsdp2"
launch=(python -m selfinstruct)

echo "== killed after its first checkpoint, and gone on"
train whole base lora --set steps=8 --set save=4
(train killed base lora --set steps=8 --set save=4) >/dev/null 2>&1 &
until ls "$work/killed/checkpoints/"*/complete.json "$work/killed/checkpoints/"*4 >/dev/null 2>&1; do sleep 0.2; done
pkill -9 -f "out $work/killed" || true
wait || true
train killed base lora --set steps=8 --set save=4
python - "$work/whole/train.json" "$work/killed/train.json" <<'PY'
import json, sys
whole, killed = (json.load(open(path))["losses"] for path in sys.argv[1:])
apart = max(abs(one - other) for one, other in zip(whole, killed, strict=True))
print(f"losses at most {apart:.2g} apart")
sys.exit(apart > 0.01)
PY

echo "== beside a plain loop and TRL"
for method in lora full; do
  base=base; [ $method = full ] && base=half
  python "$here/benchmarks/plain_loop.py" --base "$work/$base" --data "$work/rows.jsonl" --methods $method --steps 5 \
    --batch $batch --micro 1 --length $length --precision bf16 --checkpointing 1
done
