"""Finding things again at the shell."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Shell


def test_an_empty_history_says_how_to_begin(shell: Shell) -> None:
    assert "easel imagine" in shell.easel("history").out


def test_the_newest_job_is_first_and_the_limit_holds(shell: Shell) -> None:
    for text in ("one", "two", "three"):
        assert shell.easel("imagine", text, "--json").code == 0
    newest = shell.easel("history", "--limit", "2", "--json").json["jobs"]
    assert [job["prompt"] for job in newest] == ["three", "two"]
    assert shell.easel("history").out.splitlines()[0].endswith("three")


def test_show_names_the_kept_files(shell: Shell) -> None:
    made = shell.easel("imagine", "a boat", "--json").json
    shown = shell.easel("show", made["job"], "--json").json
    assert Path(shown["grid"]).read_bytes() == Path(made["grid"]).read_bytes()
    assert Path(shown["grid"]).is_relative_to(Path("data").absolute())


def test_show_still_answers_when_a_file_was_taken_away(shell: Shell) -> None:
    made = shell.easel("imagine", "a boat", "--json").json
    kept = shell.easel("show", made["job"], "--json").json
    Path(kept["images"][0]).unlink()
    said = shell.easel("show", made["job"])
    assert said.code == 0
    assert "missing" in said.out
