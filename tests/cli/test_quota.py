"""The operator's view of the servers."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_a_ceiling_is_set_shown_and_lifted(shell: Shell) -> None:
    assert "No server has used Easel yet." in shell.easel("quota").out
    said = shell.easel("quota", "7", "--ceiling", "36000s/day", "500/week")
    assert "ceiling 10 h of GPU time per day; 500 pictures per week" in said.out
    (server,) = shell.easel("quota", "--json").json["servers"]
    assert (server["server"], server["jobs"], len(server["ceiling"])) == (7, 0, 2)
    assert "ceiling none" in shell.easel("quota", "7", "--ceiling", "none").out


def test_a_weight_is_set_beside_the_ceiling_and_taken_back(shell: Shell) -> None:
    shell.easel("quota", "7", "--ceiling", "500/week")
    said = shell.easel("quota", "7", "--weight", "2.5")
    assert "ceiling 500 pictures per week, weight 2.5" in said.out
    shell.easel("quota", "7", "--ceiling", "none")
    (server,) = shell.easel("quota", "7", "--json").json["servers"]
    assert (server["ceiling"], server["weight"]) == ([], 2.5)
    assert "weight 1," in shell.easel("quota", "7", "--weight", "1").out
    for nonsense in ("0", "-1", "nan", "inf"):
        said = shell.easel("quota", "7", f"--weight={nonsense}")
        assert said.code == 1
        assert "A weight is between 0.01 and 100" in said.err


def test_a_misspelt_amount_is_told_how_to_be_typed(shell: Shell) -> None:
    said = shell.easel("quota", "7", "--ceiling", "ten/day")
    assert said.code == 1
    assert "“ten/day” is no amount: type 3600s/day" in said.err
    assert "for one server" in shell.easel("quota", "--ceiling", "5/day").err
