"""What the doctor knows by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from cli.doctor import (
    ADMINISTRATOR,
    NEEDED,
    Verdict,
    adapter_of,
    gallery_of,
    memory_of,
    missing_permissions,
    taken_along,
)
from core.models import PRESETS, Catalogue
from core.settings import Settings
from core.speed import MEMORY
from tests.cli.conftest import Shell


def test_missing_permissions_are_named_as_discord_names_them() -> None:
    everything = sum(NEEDED.values())
    assert missing_permissions(everything) == []
    assert missing_permissions(everything & ~(1 << 15)) == ["Attach Files"]
    assert missing_permissions(ADMINISTRATOR) == []
    assert missing_permissions(0) == list(NEEDED)


def test_it_says_whether_people_can_take_the_bot_along() -> None:
    allowed = taken_along({"id": "5", "integration_types_config": {"0": {}, "1": {}}})
    assert allowed.verdict is Verdict.GOOD
    assert "client_id=5&scope=applications.commands&integration_type=1" in allowed.sentence
    for config in ({"0": {}}, None):
        missing = taken_along({"id": "5", "integration_types_config": config})
        assert missing.verdict is Verdict.BAD
        assert "tick User Install in the Developer Portal" in missing.sentence


def test_an_adapter_is_looked_over_and_so_is_whom_it_fits(tmp_path: Path) -> None:
    file = tmp_path / "ink.safetensors"
    save_file({"unet.lora_A.weight": np.zeros((1, 1), np.float32)}, file)
    for wrong, verdict, said in (
        ("", Verdict.GOOD, "ink is on this machine."),
        ("family = 'sdxxl'", Verdict.NOTE, "fits no model here; correct its family or models"),
        (f"source = '{tmp_path}/gone.safetensors'", Verdict.BAD, "it is not on this machine;"),
    ):
        table = {"source": f"'{file}'", "family": "'sdxl'"}
        if wrong:
            key, _, value = wrong.partition(" = ")
            table[key] = value
        rows = "\n".join(f"{key} = {value}" for key, value in table.items())
        catalogue = Catalogue.parse(f"[sdxl]\n[adapters.ink]\n{rows}\n")
        found = adapter_of(catalogue.adapters[0], catalogue)
        assert found.verdict is verdict
        assert said in found.sentence


def test_it_says_how_a_model_will_be_held_on_a_gpu_of_that_size() -> None:
    """The embedded model is there everywhere; the GPUs are tiny instead of it."""
    postcard, auto = PRESETS[0], Settings.from_env({})
    found = {mb: memory_of(postcard, auto, int(mb * 1e6)) for mb in (40, 28, 20)}
    assert {one.verdict for one in found.values()} == {Verdict.GOOD}
    for mb, memory in ((40, "high"), (28, "medium"), (20, "low")):
        assert f"; memory is {memory}: {MEMORY[memory]}." in found[mb].sentence
    high = Settings.from_env({"EASEL_MEMORY": "high"})
    assert memory_of(postcard, high, int(40e6)).verdict is Verdict.GOOD
    tight = memory_of(postcard, high, int(20e6))
    assert tight.verdict is Verdict.NOTE
    assert tight.sentence.endswith("It may not fit; low would.")
    # The same model with half as large, or twice as large, weights.
    for name, value, memory in (("QUANTIZE", "int8", "medium"), ("DTYPE", "float32", "low")):
        other = Settings.from_env({f"EASEL_{name}": value})
        assert f"; memory is {memory}: " in memory_of(postcard, other, int(20e6)).sentence


CLIENT = {"EASEL_DISCORD_CLIENT_ID": "42", "EASEL_DISCORD_CLIENT_SECRET": "hidden"}


@pytest.mark.parametrize(
    ("environment", "verdict", "words"),
    [
        ({"EASEL_GALLERY": "off"}, Verdict.NOTE, "EASEL_GALLERY is off"),
        ({"EASEL_GALLERY_HOST": "0.0.0.0"}, Verdict.BAD, "EASEL_GALLERY_URL must say"),
        ({}, Verdict.GOOD, "http://127.0.0.1:8867; the sandbox's people"),
        ({"DISCORD_TOKEN": "x"}, Verdict.NOTE, "http://127.0.0.1:8867/login/back"),
        ({"DISCORD_TOKEN": "x", **CLIENT}, Verdict.GOOD, "people log in with Discord"),
        (
            {"DISCORD_TOKEN": "x", **CLIENT, "EASEL_GALLERY_URL": "http://gallery.example.org"},
            Verdict.NOTE,
            "serve it by https",
        ),
    ],
)
def test_it_says_where_the_gallery_is_and_who_can_log_in(
    environment: dict[str, str], verdict: Verdict, words: str
) -> None:
    found = gallery_of(Settings.from_env(environment))
    assert found.verdict is verdict
    assert words in found.sentence
    assert "hidden" not in found.sentence


@pytest.mark.slow
def test_it_looks_at_everything_and_ends_well_on_a_fresh_machine(shell: Shell) -> None:
    said = shell.easel("doctor", "--json")
    findings = {finding["about"]: finding for finding in said.json["findings"]}
    assert findings["token"]["verdict"] == "note"
    assert findings["GPU"]["verdict"] in ("good", "note")
    assert findings["database"]["verdict"] == "good"
    assert findings["disk"]["sentence"].endswith(".") or said.code == 1


@pytest.mark.slow
def test_a_default_model_that_is_not_here_is_bad_and_says_how_to_get_it(shell: Shell) -> None:
    Path("models.toml").write_text("[sdxl]\n")
    said = shell.easel("doctor")
    assert said.code == 1
    assert (
        "✗ model: sdxl (the default) is not on this machine; fetch it with: hf download" in said.out
    )


@pytest.mark.slow
def test_what_is_named_and_is_not_there_is_said_with_where_it_should_be(shell: Shell) -> None:
    Path("models.toml").write_text(
        "[mine]\nsource = './nowhere'\n[upscalers]\nsharp = 'gone.safetensors'\n"
    )
    said = shell.easel("doctor")
    assert (
        "mine (the default) is not on this machine: there is no ./nowhere/model_index" in said.out
    )
    assert "✗ upscaler: sharp is not on this machine: there is no file gone.safetensors" in said.out
