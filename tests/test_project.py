"""The project checks itself: its layers, its files and its papers."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import env_example

ROOT = Path(__file__).parents[1]
PRODUCT = ("core", "storage", "generation", "bot", "gallery", "cli", "sandbox")
LONGEST = 400
WORKERS_OWN = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "PIL", "numpy")
BOT_MIB = 120
"""What the bot's process may weigh: the small machine beside the one with the GPU runs it."""

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """The files of the repository, or of the folder where there is no repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def sources(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.py")


# Layers


def test_imports_keep_to_the_layers() -> None:
    command = "from importlinter.cli import lint_imports_command as main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_package_is_under_the_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(PRODUCT)
    assert set(PYPROJECT["tool"]["importlinter"]["root_packages"]) == packages
    assert set(PYPROJECT["tool"]["pyright"]["include"]) == packages


def test_the_core_stands_on_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"core"}
    for path in sources("core"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}:{node.lineno} imports relatively"
                names = [node.module or ""]
            foreign = {name.split(".")[0] for name in names} - allowed
            assert not foreign, f"core/{path.name} imports {foreign}"


WITHOUT_TORCH = f"""
import importlib, pkgutil, sys
from importlib.abc import MetaPathFinder

class Refuse(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in {WORKERS_OWN!r}:
            # Not an ImportError: nobody may try and go on without.
            raise SystemExit(f"{{name}} was imported")

sys.meta_path.insert(0, Refuse())
count = 0
for package in ("core", "storage", "bot", "gallery", "cli", "generation.engines"):
    folder = importlib.import_module(package)
    for module in pkgutil.walk_packages(folder.__path__, package + "."):
        if not module.name.startswith(("storage.migrations.", "cli.__main__")):
            importlib.import_module(module.name)
            count += 1
importlib.import_module("generation.dispatcher")
try:
    status = open("/proc/self/status").read()
except OSError:
    status = "VmHWM: 0 kB"
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
print(count, peak)
"""


def test_the_bot_starts_where_importing_torch_is_impossible_and_stays_small() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_TORCH],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    count, peak_kib = map(int, ran.stdout.split())
    assert count > 40
    assert peak_kib / 1024 < BOT_MIB


# Files


def test_no_file_is_longer_than_one_can_hold_in_mind() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {lines}"
        for folder in (*PRODUCT, "benchmarks")
        for path in sources(folder)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long, f"split by noun: {long}"


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in sources("tests")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_file_of_the_core_has_its_tests() -> None:
    told = {path.stem.removeprefix("test_") for path in (ROOT / "tests/core").glob("test_*.py")}
    files = {path.stem for path in (ROOT / "core").glob("*.py")} - {"__init__", "ports"}
    assert files <= told, f"no stories about {files - told}"


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of somebody's machine", r"(?<![\w./-])/(?:work|home/\w+|Users/\w+)/"),
        ("a ticket nobody can open", r"\bissues? #?\d+|\b(?:fixes|closes|see) #\d+"),
    ],
)
def test_nothing_points_outside_the_repository(what: str, pattern: str) -> None:
    found: list[str] = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path == Path(__file__):
            continue
        for match in re.finditer(pattern, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0]}")
    assert not found, f"{what}: {found}"


# Papers


def test_the_example_of_settings_is_written_from_the_table() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example(), (
        'run: python -c "from core.settings import env_example; print(env_example(), end=str())"'
        " > .env.example"
    )


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = PYPROJECT["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    for requirement in (one for group in groups for one in group):
        bounds = re.sub(r"^[\w.\-]+(\[[\w,\-]+\])?", "", requirement.split(";")[0]).strip()
        pinned = re.fullmatch(r"(==|~=)\s*[\w.]+", bounds)
        between = re.fullmatch(r">=\s*[\w.]+,\s*<\s*[\w.]+", bounds)
        assert pinned or between, f"{requirement} is not pinned"


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?([\w.]+)\]?", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_the_licence_is_the_apache_licence_to_the_letter() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text.splitlines()[1]
    digest = hashlib.sha256(text.strip().encode()).hexdigest()
    assert digest == "283ea6cc2997a1a70da0049e09adf9317bb60ca1b51279b65196b83a69e1996b"
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
