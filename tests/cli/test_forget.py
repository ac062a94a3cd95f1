"""The operator has a person's data deleted."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_it_is_told_first_and_then_done(shell: Shell) -> None:
    told = shell.easel("forget", "123456789012345678")
    assert told.code == 0
    assert "0 jobs and 0 pictures" in told.out and "--yes" in told.out
    done = shell.easel("forget", "123456789012345678", "--yes")
    assert (done.code, done.out.strip()) == (0, "Deleted 0 jobs and the files of 0 pictures.")


def test_nobody_is_nobodys_id(shell: Shell) -> None:
    refused = shell.easel("forget", "0", "--yes")
    assert refused.code == 1
    assert "nobody's id" in refused.err
