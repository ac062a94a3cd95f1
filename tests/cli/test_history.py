"""Finding things again at the shell."""

from __future__ import annotations

from pathlib import Path

from cli.records import describe, record
from core.edits import Edit, Op, Painter
from core.request import Lora, Request, Source
from tests.builders import job, request
from tests.cli.conftest import Shell
from tests.fakes.memory_store import MemoryJobStore


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


async def test_what_had_a_hand_in_a_picture_beside_its_model_is_named() -> None:
    async def told(asked: Request) -> str:
        return describe(await record(MemoryJobStore(), job(request=asked), {}))

    painter = Painter(model="fill", steps=40, guidance=9.0)
    source, loras = Source("key", 0.2), (Lora("ink", 0.5), Lora("foil", -1))
    enlarged = Edit(op=Op.ENLARGE, upscaler="sharp")
    assert ", painted by fill, " in await told(
        request(source=source, edit=Edit(op=Op.REGION, painter=painter))
    )
    assert ", enlarged with sharp, adapters ink 0.5, foil -1, " in await told(
        request(source=source, edit=enlarged, loras=loras)
    )
    plain = await told(request(upscaler="sharp"))
    assert "with" not in plain and "adapters" not in plain
