"""`easel parse`: what was understood, before anything is made."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Shell


def test_it_prints_the_effective_line_and_makes_nothing(shell: Shell) -> None:
    said = shell.easel("parse", "a cat —ar16:9 --no dog,")
    assert said.out.splitlines()[0] == "a cat --no dog --ar 16:9 --model postcard"
    assert not Path("data").exists()


def test_the_size_is_that_of_the_finished_picture(shell: Shell) -> None:
    said = shell.easel("parse", "a cat --hires 1.3 --n 2").out
    assert "  size      168×168, 2 pictures" in said.splitlines()


def test_json_has_every_field_of_the_request(shell: Shell) -> None:
    read = shell.easel("parse", "a:: b::2 --seed 3 --cfg 5 --relax", "--json").json
    assert read["parts"] == [{"text": "a", "weight": 1.0}, {"text": "b", "weight": 2.0}]
    assert (read["seed"], read["guidance"], read["lane"]) == (3, 5.0, "relax")


def test_problems_come_as_json_too(shell: Shell) -> None:
    said = shell.easel("parse", "a cat --sed 7", "--json")
    assert said.code == 1
    assert said.json["mended"] == "a cat --seed 7"
    assert "--sed" in said.json["problems"][0]["what"]


def test_every_job_that_a_line_asks_for_is_shown(shell: Shell) -> None:
    said = shell.easel("parse", "a {red, blue} cat --repeat 2 --seed 7").out.splitlines()
    assert said[0] == "4 jobs"
    assert [line.split(" --model")[0] for line in said[1:]] == [
        "  a red cat --seed 7",
        "  a red cat --seed 8",
        "  a blue cat --seed 7",
        "  a blue cat --seed 8",
    ]
    read = shell.easel("parse", "a {red, blue} cat", "--json").json
    assert [job["text"] for job in read["jobs"]] == ["a red cat", "a blue cat"]
