#!/usr/bin/env bash
# The chain of Chinese-LLaMA-Alpaca (Cui et al., 2304.08177) in plain commands, offline: a base that knows English gets a
# Chinese vocabulary, is trained on in Chinese text, then on Chinese tasks. On two cores, about five minutes.
#
#   bash examples/chinese_llama_alpaca.sh                      into runs/chinese
#   bash examples/chinese_llama_alpaca.sh runs/quick 50        with fewer tasks, to see it work
#   BASE=huggyllama/llama-7b bash examples/chinese_llama_alpaca.sh runs/real 50000
#
# More words go to every `selfinstruct train` (… runs/quick 50 --set steps=20). Data of your own: a file of texts in the
# place of zh.jsonl, and tasks in the place of the run zh.
set -euo pipefail
out=${1:-runs/chinese}
tasks=${2:-1000}
more=("${@:3}")  # empty, it is unbound to the bash of macOS, hence the + below
base=${BASE:-$out/base}

# Data: tasks in both languages, and the texts that they are.
selfinstruct generate --num "$tasks" --out "$out/en" --quiet
selfinstruct generate --num "$tasks" --language zh --out "$out/zh" --quiet
selfinstruct export "$out/en" --to text --out "$out/en.jsonl"
selfinstruct export "$out/zh" --to text --out "$out/zh.jsonl"

# In the place of LLaMA: a small one from scratch, which has read English only, with a SentencePiece vocabulary like its.
if [ -z "${BASE:-}" ]; then
    selfinstruct tokenizer train "$out/en.jsonl" --vocabulary 800 --out "$out/tokenizer-en"
    selfinstruct train "$out/en.jsonl" --method pretrain --base tiny --set tokenizer="$out/tokenizer-en" \
        --set layers=2 --set width=128 --batch 16 ${more[@]+"${more[@]}"} --out "$base"
fi

# The vocabulary: pieces of Chinese text behind the base's own. What a character costs is printed, before and after.
selfinstruct tokenizer train "$out/zh.jsonl" --vocabulary 2000 --out "$out/tokenizer-zh"
selfinstruct tokenizer merge "$base" "$out/tokenizer-zh" --data "$out/zh.jsonl" --out "$out/tokenizer-both"

# Stage 1: the new tokens' rows alone. Stage 2: LoRA, embeddings and head with it, on the same text; then in the weights.
selfinstruct train "$out/zh.jsonl" --base "$base" --method embeddings --set tokenizer="$out/tokenizer-both" \
    --validation 0.05 --batch 16 ${more[@]+"${more[@]}"} --out "$out/stage1"
selfinstruct train "$out/zh.jsonl" --preset chinese_llama --base "$out/stage1" --set tokenizer= \
    --validation 0.05 --batch 16 ${more[@]+"${more[@]}"} --out "$out/stage2"
selfinstruct merge "$out/stage2" --out "$out/chinese-llama"

# Stage 3: LoRA again, on tasks and their answers, in Alpaca's layout; then in the weights.
selfinstruct train "$out/zh" --preset chinese_alpaca --base "$out/chinese-llama" --set tokenizer= \
    --batch 16 ${more[@]+"${more[@]}"} --out "$out/stage3"
selfinstruct merge "$out/stage3" --out "$out/chinese-alpaca"

selfinstruct chat "$out/chinese-alpaca" --prompt "把“早上好”翻译成英文。" --max-tokens 20 --temperature 0
