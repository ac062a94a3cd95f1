"""Making pictures at the shell: the same studio, queue, worker protocol and database as Discord."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

from storage.opening import open_storage
from tests.builders import new_job
from tests.cli.conftest import Shell

RED = "a red lighthouse at sunset --ar 3:2 --seed 7"


def size(path: str) -> tuple[int, int]:
    width, height = struct.unpack(">II", Path(path).read_bytes()[16:24])
    return width, height


def test_a_prompt_becomes_a_grid_and_four_pictures_in_the_out_folder(shell: Shell) -> None:
    made = shell.easel("imagine", RED, "--json").json
    assert made["prompt"] == "a red lighthouse at sunset"
    assert (made["seed"], made["model"]) == (7, "postcard")
    assert Path(made["grid"]).parent == Path("out")
    assert len(made["images"]) == 4
    assert {size(image) for image in made["images"]} == {(made["width"], made["height"])}


def test_a_prompt_need_not_be_quoted(shell: Shell) -> None:
    made = shell.easel("imagine", "a", "red", "boat", "--n", "2", "--out", "here", "--json").json
    assert made["prompt"] == "a red boat"
    assert len(made["images"]) == 2
    assert Path(made["grid"]).parent == Path("here")


def test_a_picture_can_be_the_start(shell: Shell) -> None:
    first = shell.easel("imagine", RED, "--n", "1", "--json").json
    file = first["images"][0]
    again = shell.easel("imagine", "in blue", "--image", file, "--iw", "2", "--json")
    assert again.code == 0
    assert again.json["prompt"] == "in blue"


def test_a_file_that_is_no_picture_to_start_from_is_one_sentence(shell: Shell) -> None:
    Path("notes.png").write_text("plain text", encoding="utf-8")
    Path("huge.png").write_bytes(bytes(25 * 2**20 + 1))
    for name, said in (
        ("notes.png", "not a picture Easel can read"),
        ("huge.png", "more than 25 MiB"),
        ("none.png", "No such file"),
    ):
        answer = shell.easel("imagine", "in blue", "--image", name)
        assert answer.code == 1
        assert said in answer.err
    assert shell.easel("history", "--json").json["jobs"] == []


def test_without_json_it_says_where_the_pictures_are_and_what_to_do_next(shell: Shell) -> None:
    said = shell.easel("imagine", RED)
    assert said.code == 0
    assert "grid   out/" in said.out
    assert "easel press" in said.out


def test_the_same_prompt_and_seed_give_the_same_picture(shell: Shell) -> None:
    first, again, other = (
        shell.easel("imagine", f"a boat --seed {seed}", "--json").json for seed in (1, 1, 2)
    )
    read = [Path(made["images"][0]).read_bytes() for made in (first, again, other)]
    assert read[0] == read[1] != read[2]


def test_u_shows_one_picture_of_the_grid_again(shell: Shell) -> None:
    grid = shell.easel("imagine", RED, "--json").json
    single = shell.easel("press", grid["job"], "U2", "--json").json
    assert (single["seconds"], single["grid"], single["parent"]) == (0, None, grid["job"])
    [image] = single["images"]
    assert Path(image).read_bytes() == Path(grid["images"][1]).read_bytes()


def test_v_makes_four_others_and_the_beginning_of_an_id_is_enough(shell: Shell) -> None:
    grid = shell.easel("imagine", RED, "--json").json
    varied = shell.easel("press", grid["job"][:8], "v3", "--json").json
    assert len(varied["images"]) == 4
    assert varied["seed"] != grid["seed"]
    assert varied["width"] == grid["width"]


def test_reroll_keeps_the_prompt_and_changes_the_seed(shell: Shell) -> None:
    grid = shell.easel("imagine", RED, "--json").json
    again = shell.easel("press", grid["job"], "reroll", "--json").json
    assert again["prompt"] == grid["prompt"]
    assert again["seed"] != grid["seed"]


def test_an_unknown_button_is_named_with_those_there_are(shell: Shell) -> None:
    grid = shell.easel("imagine", RED, "--json").json
    said = shell.easel("press", grid["job"], "X9")
    assert said.code == 1
    assert "“X9”" in said.err
    assert "reroll" in said.err


def test_a_picture_the_grid_does_not_have_is_one_sentence(shell: Shell) -> None:
    grid = shell.easel("imagine", "a boat --n 2", "--json").json
    said = shell.easel("press", grid["job"], "U3")
    assert said.code == 1
    assert said.err.startswith("easel: ")
    assert said.err.count("\n") == 1


def test_a_job_nobody_made_is_one_sentence(shell: Shell) -> None:
    for wrong in ("0123456789abcdef0123", "abcd1234", "../../etc"):
        said = shell.easel("show", wrong)
        assert said.code == 1
        assert said.err.count("\n") == 1


def test_every_button_can_be_pressed_at_the_shell(shell: Shell) -> None:
    made = shell.easel("imagine", "a boat --ar 3:2", "--json").json["job"]
    panned = shell.easel("press", made, "pan left 2", "--json")
    assert (panned.code, panned.json["parent"]) == (0, made)
    part = ("--region", "left third", "--prompt", "a red boat --ar 3:2")
    painted = shell.easel("press", made, "region", *part, "--json")
    assert (painted.code, painted.json["parent"]) == (0, made)
    assert painted.json["prompt"] == "a red boat"
    refused = shell.easel("press", made, "region", "--region", "the boat")
    assert "“the boat” names no part of the picture" in refused.err


def test_a_failed_job_says_why_and_costs_nothing(shell: Shell) -> None:
    said = shell.easel("imagine", "a boat [model]", "--json")
    assert said.code == 1
    assert said.err.startswith("easel: ")
    [job] = shell.easel("history", "--json").json["jobs"]
    assert (job["state"], job["seconds"]) == ("failed", 0)


def test_a_worker_that_cannot_start_is_a_sentence(shell: Shell, monkeypatch) -> None:
    monkeypatch.setenv("EASEL_WORKER_COMMAND", "/no/such/worker")
    said = shell.easel("imagine", "a boat")
    assert said.code == 1
    assert "worker" in said.err
    assert "Traceback" not in said.err


def test_a_folder_that_cannot_be_written_leaves_the_job_in_the_history(shell: Shell) -> None:
    Path("blocked").write_text("a file")
    said = shell.easel("imagine", "a boat", "--out", "blocked")
    assert said.code == 1
    assert "“blocked”" in said.err
    [job] = shell.easel("history", "--json").json["jobs"]
    assert job["state"] == "done"


def test_bad_prompts_list_every_problem_and_the_mend(shell: Shell) -> None:
    said = shell.easel("imagine", "a boat --sed 7 --ar 40:1")
    assert said.code == 1
    assert said.err.splitlines() == [
        "easel: There is no flag --sed. Did you mean --seed?",
        "easel: --ar goes from 1:14 to 14:1, not “40:1”. The nearest is --ar 14:1.",
        "Mended: a boat --seed 7 --ar 14:1",
    ]
    assert shell.easel("history", "--json").json["jobs"] == []


def test_an_empty_prompt_and_one_of_10000_characters_are_one_sentence_each(shell: Shell) -> None:
    for line in ("", "x" * 10_000):
        said = shell.easel("imagine", line)
        assert said.code == 1
        assert said.err.count("\n") == 1


async def admit_from_discord(data: Path) -> str:
    """A member's job that waits; no server runs."""
    async with open_storage(data) as storage:
        return (await storage.jobs.admit(new_job(), lambda usage: None)).job.id


def test_cancel_stops_a_members_waiting_job_and_leaves_telling_him_to_the_bot(
    shell: Shell,
) -> None:
    job_id = asyncio.run(admit_from_discord(Path("data")))
    stopped = shell.easel("press", job_id, "Cancel", "--json")
    assert (stopped.code, stopped.json["state"], stopped.json["seconds"]) == (0, "cancelled", 0)

    async def undelivered() -> list[str]:
        async with open_storage(Path("data")) as storage:
            return [job.id for job in await storage.jobs.undelivered()]

    assert asyncio.run(undelivered()) == [job_id]


def test_cancel_of_a_job_that_had_ended_changes_nothing(shell: Shell) -> None:
    made = shell.easel("imagine", "a boat", "--json").json
    said = shell.easel("press", made["job"], "cancel", "--out", "elsewhere")
    assert (said.code, said.err) == (1, "easel: That job had ended already: it is done.\n")
    assert not Path("elsewhere").exists()
