from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.settings import Settings
from core.speed import CHOICES
from generation.engines.environment import worker_environment
from generation.engines.process import how_it_ended
from generation.engines.subprocess import SubprocessEngine, worker_command


def test_only_what_is_listed_is_passed_on():
    parent = {
        "PATH": "/bin",
        "HOME": "/home/easel",
        "LC_ALL": "C.UTF-8",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "OMP_NUM_THREADS": "2",
        "EASEL_DATA": "/data",
        "DISCORD_TOKEN": "x",
        "HF_TOKEN": "x",
        "PYTHONSTARTUP": "/evil.py",
        "LD_PRELOAD": "/evil.so",
    }
    child = worker_environment(parent)
    assert set(child) & set(parent) == {
        "PATH",
        "HOME",
        "LC_ALL",
        "CUDA_DEVICE_ORDER",
        "OMP_NUM_THREADS",
    }


def test_the_network_stays_off_whatever_the_parent_says():
    assert worker_environment({"HF_HUB_OFFLINE": "0"})["HF_HUB_OFFLINE"] == "1"


def test_an_operator_may_say_how_long_waiting_threads_spin():
    assert worker_environment({})["GOMP_SPINCOUNT"] == "20000"
    assert worker_environment({"GOMP_SPINCOUNT": "0"})["GOMP_SPINCOUNT"] == "0"
    as_asked = worker_environment({"OMP_WAIT_POLICY": "ACTIVE"})
    assert as_asked["OMP_WAIT_POLICY"] == "ACTIVE"
    assert "GOMP_SPINCOUNT" not in as_asked, "it would have the last word"


def test_the_worker_runs_the_same_easel():
    assert Path(worker_environment({})["PYTHONPATH"], "generation", "worker.py").is_file()


@pytest.mark.parametrize(
    ("visible", "gpu", "seen"),
    [("", 0, "0"), ("", 3, "3"), ("2,5", 0, "2"), ("2,5", 1, "5"), ("2,5", 2, "2")],
)
def test_each_worker_sees_one_of_the_gpus_its_parent_sees(visible: str, gpu: int, seen: str):
    parent = {"CUDA_VISIBLE_DEVICES": visible} if visible else {}
    assert worker_environment(parent, gpu=gpu)["CUDA_VISIBLE_DEVICES"] == seen
    assert worker_environment(parent).get("CUDA_VISIBLE_DEVICES", "") == visible


def test_the_command_says_what_the_settings_say(tmp_path: Path):
    file = tmp_path / "my models.toml"
    file.touch()
    settings = Settings.from_env(
        {
            "EASEL_MODELS": str(file),
            "EASEL_MODEL": "sdxl",
            "EASEL_DEVICE": "cpu",
            "EASEL_DTYPE": "float32",
            "EASEL_TASKS_PER_WORKER": "3",
            "EASEL_PREVIEW_EVERY_STEPS": "7",
            "EASEL_CHECKPOINT_EVERY_STEPS": "9",
            "EASEL_LEASE_SECONDS": "6",
            "EASEL_DATA": str(tmp_path / "data"),
            "EASEL_MEASURE_AT_START": "off",
        }
    )
    flags = ["--device", "cpu", "--dtype", "float32", "--together", "3"]
    for name in CHOICES:
        flags += [f"--{name.replace('_', '-')}", getattr(settings, name)]
    flags += ["--preview-every", "7"]
    flags += ["--checkpoint-every", "9", "--beat-every", "1"]
    flags += ["--times-file", str(tmp_path / "data" / "step-times.json")]
    flags += ["--measure-at-start", "off"]
    flags += ["--model", "sdxl", "--models-file", str(file)]
    assert worker_command(settings) == [sys.executable, "-P", "-m", "generation.worker", *flags]


def test_an_operators_own_command_gets_the_same_flags(tmp_path: Path):
    settings = Settings.from_env(
        {"EASEL_WORKER_COMMAND": "nice -n 5 'my worker'", "EASEL_MODELS": str(tmp_path / "none")}
    )
    command = worker_command(settings)
    assert command[:4] == ["nice", "-n", "5", "my worker"]
    assert "--models-file" not in command
    assert "--model" not in command


@pytest.mark.parametrize(
    ("changes", "alone"),
    [
        ({"EASEL_WORKERS": "2"}, True),
        ({"EASEL_WORKERS": "2", "EASEL_DEVICE": "cpu"}, False),
        ({}, False),
    ],
)
def test_several_workers_get_a_gpu_each(changes: dict[str, str], alone: bool):
    engine = SubprocessEngine.from_settings(Settings.from_env(changes), {})
    assert engine.slots == int(changes.get("EASEL_WORKERS", 1))
    assert [engine.environment(n).get("CUDA_VISIBLE_DEVICES") for n in range(2)] == (
        ["0", "1"] if alone else [None, None]
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (70, "exit code 70"),
        (-9, "killed by SIGKILL, as the system does when memory runs out"),
        (-11, "killed by SIGSEGV"),
        (-63, "killed by signal 63"),
    ],
)
def test_an_end_in_words(code: int, words: str):
    assert how_it_ended(code) == words
