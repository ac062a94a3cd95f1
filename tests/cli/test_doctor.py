"""What the doctor knows by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.doctor import ADMINISTRATOR, NEEDED, missing_permissions
from tests.cli.conftest import Shell


def test_missing_permissions_are_named_as_discord_names_them() -> None:
    everything = sum(NEEDED.values())
    assert missing_permissions(everything) == []
    assert missing_permissions(everything & ~(1 << 15)) == ["Attach Files"]
    assert missing_permissions(ADMINISTRATOR) == []
    assert missing_permissions(0) == list(NEEDED)


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
