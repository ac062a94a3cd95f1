"""Stories of the page of measurements, written by script."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kit.figures import Result
from benchmarks.table import BEGIN, END, FIGURES, MEASUREMENTS, PAGE, main, put_in, told


def found(value: float = 1.4) -> Result:
    result = Result("throughput", "tiny, 2 threads", machine="2 CPU cores", at=0.0)
    result.command = "python -m benchmarks.throughput"
    result.add("times bare", value, 1.0, aim=1.35)
    result.add("by processor", 1.2)
    return result


def test_the_page_has_its_promises_first_and_says_where_they_come_from() -> None:
    text = told([found()])
    first, second, third, *_ = text.split("\n\n")
    assert "| times bare | 1.4 | ≥ 1 (aim 1.35) | kept |" in first and "processor" not in first
    assert second == "`python -m benchmarks.throughput`"
    assert third == "1 January 1970; 2 CPU cores. tiny, 2 threads."


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"# Speed\n\nby hand\n\n{BEGIN}\nold\n{END}\n\nby hand, too\n"
    once = put_in(page, "new")
    assert once == f"# Speed\n\nby hand\n\n{BEGIN}\n\nnew\n\n{END}\n\nby hand, too\n"
    assert put_in(once, "new") == once
    with pytest.raises(ValueError, match="marks"):
        put_in("# Speed", "new")


def test_figures_that_were_kept_are_told_without_measuring(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}{END}\n")
    read = ["--read", "--keep", str(tmp_path / "kept"), "--page", str(page)]
    assert main(read) == 1
    found().tell(tmp_path / "kept" / "throughput.json")
    assert main(read) == 0
    assert "| times bare | 1.4 |" in page.read_text()
    found(0.5).tell(tmp_path / "kept" / "throughput.json")
    assert main(read) == 1
    assert "| MISSED |" in page.read_text()


def test_one_measurement_is_run_again_and_the_others_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, kept = tmp_path / "page.md", tmp_path / "kept"
    page.write_text(f"{BEGIN}{END}\n")
    kept.mkdir()
    found().tell(kept / "throughput.json")
    ran: list[str] = []

    def run(command: list[str], **_: object) -> None:
        """As a script whose measurement ends the first time only."""
        ran.append(command[2])
        if len(ran) == 1:
            result = Result("step_policy", "in virtual time")
            result.add("sooner", 70.0, 50.0)
            result.tell(Path(command[-1]))

    monkeypatch.setattr("benchmarks.table.subprocess.run", run)
    only = ["--only", "step-policy", "--keep", str(kept), "--page", str(page)]
    assert main(only) == 0
    once = page.read_text()
    assert "| times bare | 1.4 |" in once and "| sooner | 70 | ≥ 50 | kept |" in once
    assert main(only) == 1
    assert page.read_text() == once
    assert ran == ["benchmarks.step_policy"] * 2


def test_the_page_tells_what_the_files_of_figures_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    files = [FIGURES / f"{one.name}.json" for one in MEASUREMENTS]
    found = [Result.read(file) for file in files if file.exists()]
    assert put_in(text, told(found)) == text


def test_the_page_has_its_marks_and_every_measurement_its_script() -> None:
    assert PAGE.read_text(encoding="utf-8").count(BEGIN) == 1
    folder = PAGE.parents[1] / "benchmarks"
    for one in MEASUREMENTS:
        source = (folder / f"{one.script}.py").read_text(encoding="utf-8")
        options = [word for word in (*one.short, *one.full, *one.busy) if word.startswith("--")]
        known = source + (folder / "kit" / "options.py").read_text(encoding="utf-8")
        assert all(f'"{option}"' in known for option in (*options, "--json"))
