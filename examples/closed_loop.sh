#!/usr/bin/env bash
# The whole loop, offline: generate data, train a small Llama from scratch on it, and examine it before and after on
# tasks that are not in the data. On two cores, about six minutes.
#
#   bash examples/closed_loop.sh                     into runs/closed_loop
#   bash examples/closed_loop.sh runs/quick 300      with fewer tasks, to see it work; the model will know little
#
# More words go to `selfinstruct train` (… runs/wide 1000 --set width=256); EXAM=100 before the command asks less.
set -euo pipefail
out=${1:-runs/closed_loop}
tasks=${2:-1000}
more=("${@:3}")  # empty, it is unbound to the bash of macOS, hence the + below

examine() {
    # After one step none of its answers ends, so that nothing comes of it: exit code 1, and each of them is wrong.
    selfinstruct run answer "$out/exam.jsonl" --model "local:$1" --keep-asking --out "$1-answers" || test $? -eq 1
    selfinstruct grade "$out/exam.jsonl" "$1-answers" | tail -n 1
}

selfinstruct generate --num "$tasks" --out "$out/data"
selfinstruct exam --num "${EXAM:-500}" --without "$out/data" --out "$out/exam.jsonl"

selfinstruct train --preset tiny --data "$out/data" --out "$out/before" ${more[@]+"${more[@]}"} --set steps=1
examine "$out/before"

selfinstruct train --preset tiny --data "$out/data" --out "$out/after" ${more[@]+"${more[@]}"}
examine "$out/after"
