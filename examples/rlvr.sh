#!/usr/bin/env bash
# Reinforcement by verifiable rewards, offline: a small Llama from scratch learns answers, then its own answers to an exam
# are paid when the rules say that they are right. On two cores, about half an hour; it then knows a little more.
#
#   bash examples/rlvr.sh                       into runs/rlvr
#   bash examples/rlvr.sh runs/quick 30         with few tasks, to see it work
#   BASE=models/mine bash examples/rlvr.sh      from a model that answers already
#
# More words go to every `selfinstruct train` (… runs/quick 30 --set steps=20); EXAM=100 before the command asks less.
set -euo pipefail
out=${1:-runs/rlvr}
tasks=${2:-1000}
more=("${@:3}")  # empty, it is unbound to the bash of macOS, hence the + below
sft=${BASE:-$out/sft}

selfinstruct generate --num "$tasks" --out "$out/data" --quiet
selfinstruct exam --num "${EXAM:-1000}" --without "$out/data" --out "$out/exam.jsonl"

# Answers first: of a model that is never right, no answer is paid more than another.
if [ -z "${BASE:-}" ]; then
    selfinstruct train "$out/data" --preset tiny ${more[@]+"${more[@]}"} --out "$sft"
fi

# All weights, as the model is small, at a rate for small ones; 5e-7 is for billions. A fifth of the exam's families is
# never trained on, and every task that is looked at has a twin with other names and numbers.
selfinstruct train "$out/exam.jsonl" --method full --set learn=grpo --reward exam --base "$sft" \
    --lr 1e-4 --set answer_tokens=64 --set unseen=0.2 --batch 64 --validation 0.1 --set steps=200 \
    ${more[@]+"${more[@]}"} --out "$out/rl"

grep "^| reward" "$out/rl/README.md"
