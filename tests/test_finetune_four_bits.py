"""docs/export.md's script for GPTQ and AWQ, where gptqmodel is installed: it has an environment of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def script() -> str:
    found = re.search(r"```python\n(\"\"\"four_bits\.py.*?)```", (ROOT / "docs" / "export.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_script_can_be_read() -> None:
    compile(script(), "four_bits.py", "exec")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_the_script_runs(tmp_path: Path, method: str) -> None:
    pytest.importorskip("gptqmodel")
    from vocabularies import KINDS, model_at

    sizes = {"hidden_size": 256, "intermediate_size": 512, "num_key_value_heads": 4}
    folder = model_at(tmp_path / "model", KINDS["llama-bpe"](), **sizes)
    rows = [{"instruction": f"Name {n} rivers.", "input": "", "output": "The Elbe, the Rhine. " * 4} for n in range(40)]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "four_bits.py").write_text(script())
    given = [folder, "rows.jsonl", "rows.jsonl", "out", method]
    done = subprocess.run(
        [sys.executable, "four_bits.py", *map(str, given)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.search(r"perplexity of \d+ rows: [\d.]+, in 4 bits [\d.]+ \([+-][\d.]+ %\)", done.stdout)
    assert json.loads((tmp_path / "out" / "config.json").read_text())["quantization_config"]["bits"] == 4
