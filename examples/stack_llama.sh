#!/usr/bin/env bash
# The chain of StackLLaMA (Beeching et al., 2023) in plain commands, offline: answers, a model that marks them, and
# reinforcement by its marks, each an adapter on one base. On two cores, about ten minutes.
#
#   bash examples/stack_llama.sh                      into runs/stack
#   bash examples/stack_llama.sh runs/quick 30        with few tasks, to see it work
#   BASE=huggyllama/llama-7b bash examples/stack_llama.sh runs/real 50000
#
# More words go to every `selfinstruct train` (… runs/quick 30 --set steps=20). Comparisons of your own: a file of rows
# with prompt, chosen and rejected in the place of pairs.jsonl.
set -euo pipefail
out=${1:-runs/stack}
tasks=${2:-1000}
more=("${@:3}")  # empty, it is unbound to the bash of macOS, hence the + below
base=${BASE:-$out/base}

# Data: questions with good answers.
selfinstruct generate --num "$tasks" --out "$out/data" --quiet

# In the place of LLaMA: a small one from scratch, which has read those texts.
if [ -z "${BASE:-}" ]; then
    selfinstruct export "$out/data" --to text --out "$out/text.jsonl"
    selfinstruct train "$out/text.jsonl" --method pretrain --base tiny --set layers=2 --set width=128 --batch 16 \
        ${more[@]+"${more[@]}"} --out "$base"
fi

# 1. Answers: LoRA, then in the weights.
selfinstruct train "$out/data" --method lora --template plain --base "$base" --batch 16 \
    ${more[@]+"${more[@]}"} --out "$out/sft-adapter"
selfinstruct merge "$out/sft-adapter" --out "$out/sft"

# 2. Marks: in the place of votes, an answer is better than that to another question.
selfinstruct export "$out/data" --to alpaca --out "$out/rows.jsonl"
python3 - "$out/rows.jsonl" >"$out/pairs.jsonl" <<'PAIRS'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for row, other in zip(rows, rows[1:] + rows[:1]):
    prompt = "\n\n".join(filter(None, (row["instruction"], row["input"])))
    if row["output"].strip() != other["output"].strip():
        print(json.dumps({"prompt": prompt, "chosen": row["output"], "rejected": other["output"]}))
PAIRS
selfinstruct train "$out/pairs.jsonl" --method reward --template plain --base "$out/sft" --batch 16 --validation 0.1 \
    ${more[@]+"${more[@]}"} --out "$out/marks"

# 3. Reinforcement: another adapter on the same base, paid by the marks.
selfinstruct train "$out/data" --method rloo --template plain --reward "$out/marks" --base "$out/sft" \
    --batch 32 --set samples_each=4 --set answer_tokens=64 --lr 1e-4 --set unended=-2 --set steps=100 \
    ${more[@]+"${more[@]}"} --out "$out/rl-adapter"
selfinstruct merge "$out/rl-adapter" --out "$out/rl"

grep "^| reward" "$out/rl-adapter/README.md"
selfinstruct chat "$out/rl" --prompt "Name three colours." --max-tokens 20 --temperature 0
