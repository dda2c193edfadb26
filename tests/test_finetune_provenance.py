"""An adapter is used on the base that it was trained on, wherever both are by now, and never silently on another."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from training import trained

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.folders import identity, located
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.provenance import weights_hash
from selfinstruct.finetune.publish.merge import merge
from selfinstruct.finetune.settings import Settings
from selfinstruct.teachers.local import Local

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(autouse=True)
def one_core() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def a_base(folder: Path, seed: int) -> Path:
    from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer

    tokenizer = tiny_tokenizer(["Repeat list 1.", "red green blue one two", "ok"] * 3, 300)
    settings = Settings(base="tiny", method="full", layers=2, width=32, heads=2, max_length=128, seed=seed)
    tiny_model(tokenizer, settings).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models/base, models/other (other weights), and models/mine, trained as ../base from models/."""
    folder = tmp_path_factory.mktemp("project")
    a_base(folder / "models" / "base", 0)
    a_base(folder / "models" / "other", 1)
    here = Path.cwd()
    os.chdir(folder)
    try:
        trained(folder / "models" / "mine", base="models/base", method="lora", steps=1, samples=0, checkpoint=1)
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def moved(project: Path, tmp_path: Path) -> Path:
    """A copy of the project, the first one's base out of reach."""
    shutil.copytree(project / "models", tmp_path / "moved" / "models")
    for file in (tmp_path / "moved").rglob("base.json"):
        about = json.loads(file.read_text())
        file.write_text(json.dumps(about | {"folder": str(tmp_path / "gone")}))
        config = json.loads((file.parent / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = str(tmp_path / "gone")
        (file.parent / "adapter_config.json").write_text(json.dumps(config))
    return tmp_path / "moved" / "models"


def same(one: Any, other: Any) -> bool:
    ids = torch.arange(3, 20)[None]
    with torch.no_grad():
        return bool(one.model(input_ids=ids).logits.equal(other.model(input_ids=ids).logits))


def test_what_is_written_down(project: Path) -> None:
    about = json.loads((project / "models" / "mine" / "base.json").read_text())
    base = project / "models" / "base"
    assert about == {"name": "models/base", "beside": "../base", "folder": str(base), "sha256": weights_hash(base)}
    checkpoint = json.loads((project / "models" / "mine" / "checkpoints" / "checkpoint-1" / "base.json").read_text())
    assert checkpoint == about | {"beside": "../../../base"}


def test_a_project_that_moved_as_a_whole_needs_nothing(project: Path, moved: Path) -> None:
    assert located(str(moved / "mine")).base == (moved / "mine" / ".." / "base").resolve()
    assert same(load(str(moved / "mine")), load(str(project / "models" / "mine")))
    for name in ("adapter_config.json", "base.json"):  # as they were: the fixture has changed paths in both
        (moved / "mine" / name).write_bytes((project / "models" / "mine" / name).read_bytes())
    assert identity(located(str(moved / "mine"))) == identity(located(str(project / "models" / "mine")))
    load(str(moved / "mine" / "checkpoints" / "checkpoint-1"))


def test_an_adapter_that_moved_alone_finds_its_base_where_it_was(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / "models" / "mine", tmp_path / "mine")
    assert located(str(tmp_path / "mine")).base == project / "models" / "base"


def test_another_model_in_its_place_is_an_error_that_names_both(moved: Path) -> None:
    shutil.rmtree(moved / "base")
    shutil.copytree(moved / "other", moved / "base")
    with pytest.raises(
        UsageError, match=r"mine was trained on models/base \(weights \w{12}\), and .*base has other"
    ) as told:
        load(str(moved / "mine"))
    assert "--base" in str(told.value)
    with pytest.raises(UsageError, match="has other weights now"):
        merge([(str(moved / "mine"), 1.0)], None, str(moved / "out"))
    with pytest.raises(UsageError, match="has other weights now"):
        Local(str(moved / "mine"))


def test_the_right_one_where_it_was_is_taken_before_a_wrong_one_beside(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / "models" / "mine", tmp_path / "models" / "mine")
    shutil.copytree(project / "models" / "other", tmp_path / "models" / "base")
    assert located(str(tmp_path / "models" / "mine")).base == project / "models" / "base"


def test_a_base_that_is_gone_is_told_and_said(project: Path, moved: Path, tmp_path: Path, capsys: Any) -> None:
    (moved / "base").rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"trained on models/base, which is not at .*gone any more: .* --base"):
        load(str(moved / "mine"))
    assert same(load(str(moved / "mine"), base=str(tmp_path / "elsewhere")), load(str(project / "models" / "mine")))
    merge([(str(moved / "mine"), 1.0)], str(tmp_path / "elsewhere"), str(tmp_path / "out"))
    assert not capsys.readouterr().err
    teacher = Local(f"{moved / 'mine'}?base={tmp_path / 'elsewhere'}")
    assert teacher.model.startswith("local:mine@")
    load(str(moved / "mine"), base=str(moved / "other"))
    assert "other has other weights than models/base, the base that" in capsys.readouterr().err


def test_who_has_changed_the_adapters_file_has_said_where_it_is(moved: Path, tmp_path: Path) -> None:
    (moved / "base").rename(tmp_path / "elsewhere")
    file = moved / "mine" / "adapter_config.json"
    for name, words in (("elsewhere", ""), (str(moved / "other"), "has other weights now")):
        config = json.loads(file.read_text()) | {"base_model_name_or_path": str(tmp_path / name)}
        file.write_text(json.dumps(config))
        if words:
            with pytest.raises(UsageError, match=words):
                load(str(moved / "mine"))
        else:
            assert located(str(moved / "mine")).base == tmp_path / name


def test_a_whole_model_has_no_base(project: Path) -> None:
    with pytest.raises(UsageError, match="has no base: leave --base out"):
        load(str(project / "models" / "base"), base=str(project / "models" / "other"))


def test_the_hash_is_of_the_weights_however_they_lie(project: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    base = project / "models" / "base"
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(tmp_path / "parts", max_shard_size="20kB")
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) > 1
    assert weights_hash(tmp_path / "parts") == weights_hash(base)
    assert weights_hash(project / "models" / "other") != weights_hash(base)


@pytest.mark.parametrize("name", ["models/mine?bits=3", "models/mine?base=", "models/mine?bits"])
def test_parts_of_a_local_name_that_mean_nothing(name: str) -> None:
    with pytest.raises(UsageError, match="is neither bits=4, bits=8 nor base=FOLDER"):
        Local(name)
