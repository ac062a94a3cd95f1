"""Starting with wrong settings: one sentence, exit code 3, no traceback."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("EASEL_WORKERS", "many", "EASEL_WORKERS"),
        ("EASEL_DEVICE", "tpu", "auto, cpu, cuda, mps"),
        ("EASEL_MODL", "sdxl", "Did you mean EASEL_MODEL"),
        ("EASEL_MODEL", "nothing", "EASEL_MODEL"),
        ("EASEL_DATABASE_URL", "mysql://x", "postgresql://"),
        ("EASEL_DATA", "/proc/easel", "/proc/easel"),
    ],
)
def test_a_wrong_setting_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = shell.easel("history")
    assert answer.code == 3
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_the_env_file_is_read_and_the_environment_wins(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text("EASEL_DATA=from-file\nEASEL_LOG=error\n")
    shell.easel("history")
    assert Path("from-file/easel.db").exists()
    monkeypatch.setenv("EASEL_DATA", "from-environment")
    shell.easel("history")
    assert Path("from-environment/easel.db").exists()


def test_a_broken_models_file_names_the_table_and_the_key(shell: Shell) -> None:
    Path("models.toml").write_text('[mine]\nsorce = "x"\n')
    answer = shell.easel("models")
    assert answer.code == 3
    assert "[mine]" in answer.err
    assert "“source”" in answer.err


def test_models_tells_what_is_here_and_how_to_fetch_the_rest(shell: Shell) -> None:
    Path("models.toml").write_text('[sdxl]\n[mine]\nsource = "./nowhere"\n')
    answer = shell.easel("models")
    assert "* sdxl" in answer.out
    assert "hf download stabilityai/stable-diffusion-xl-base-1.0" in answer.out
    assert "model_index.json" in answer.out


def test_models_tells_which_of_them_paint_for_others(shell: Shell) -> None:
    Path("models.toml").write_text(
        '[sdxl]\ninpainting = "fill"\n[fill]\nsource = "./nowhere"\nsteps = 40\n'
    )
    answer = shell.easel("models")
    assert "paints parts of pictures of sdxl\n    1024 px, 40 steps" in answer.out
    found = {
        row["name"]: row["paints_for"] for row in shell.easel("models", "--json").json["models"]
    }
    assert found == {"postcard": [], "sdxl": [], "fill": ["sdxl"]}


def test_models_tells_what_enlarges_pictures_and_what_it_lacks(shell: Shell) -> None:
    Path("sharp.safetensors").write_bytes(b"")
    Path("models.toml").write_text(
        '[upscalers]\nsharp = "sharp.safetensors"\ngone = "gone.safetensors"\nsoft = "some/soft"\n'
    )
    answer = shell.easel("models")
    assert "* sharp        enlarges pictures\n    sharp.safetensors: " in answer.out
    assert "  gone         enlarges pictures\n" in answer.out
    assert (
        "gone.safetensors: not on this machine: there is no file gone.safetensors; " in answer.out
    )
    assert "correct it under [upscalers] in models.toml\n" in answer.out
    assert "some/soft: not on this machine; fetch it with: hf download some/soft" in answer.out
    rows = shell.easel("models", "--json").json["upscalers"]
    assert [(row["name"], row["default"], row["here"]) for row in rows] == [
        ("sharp", True, find_spec("spandrel") is not None),
        ("gone", False, False),
        ("soft", False, False),
    ]


def test_models_tells_what_adapters_there_are_and_for_whom(shell: Shell) -> None:
    Path("ink.safetensors").write_bytes(b"cut short")
    Path("models.toml").write_text(
        "[sdxl]\n[adapters.ink]\nsource = 'ink.safetensors'\nfamily = 'sdxl'\nwords = ['sumi']\n"
        "[adapters.lost]\nsource = 'some/lost'\nfamily = 'sd3'\n"
    )
    answer = shell.easel("models")
    assert "  ink          is an adapter for sdxl\n    knows sumi\n" in answer.out
    assert "“ink.safetensors” is damaged or cut short; download it again." in answer.out
    assert "  lost         is an adapter for no model here\n" in answer.out
    assert "download it with `hf download some/lost`." in answer.out
    rows = shell.easel("models", "--json").json["adapters"]
    assert [(row["name"], row["models"], row["here"]) for row in rows] == [
        ("ink", ["sdxl"], False),
        ("lost", [], False),
    ]


def test_an_unknown_command_line_is_refused(shell: Shell) -> None:
    assert shell.easel("history", "--color").code == 2
    assert shell.easel("paint").code == 2
