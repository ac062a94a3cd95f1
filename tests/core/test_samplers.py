"""Names of samplers: as people spell them, and as requests keep them."""

from __future__ import annotations

import pytest

from core.samplers import (
    BASIC,
    SAMPLERS,
    SCHEDULERS,
    nearest_sampler,
    read_sampler,
    sampler_called,
)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("euler", "euler"),
        ("Euler a", "euler-a"),
        ("euler_ancestral", "euler-a"),
        ("k_euler_a", "euler-a"),
        ("K-LMS", "lms"),
        ("DPM++ 2M", "dpm++2m"),
        ("dpmpp_2m", "dpm++2m"),
        ("dpm++ 2m karras", "dpm++2m-karras"),
        ("DPM++-2M-Karras", "dpm++2m-karras"),
        ("dpm++2m_sde_karras", "dpm++2m-sde-karras"),
        ("dpmpp_2m_sde_gpu", "dpm++2m-sde"),
        ("dpmpp_3m_sde exponential", "dpm++3m-sde-exponential"),
        ("DPM++ SDE Karras", "dpm++sde-karras"),
        ("dpm++ 2s a karras", "dpm++2s-a-karras"),
        ("dpmpp_2s_ancestral", "dpm++2s-a"),
        ("dpm_2_ancestral", "dpm2-a"),
        ("DPM2 a", "dpm2-a"),
        ("dpm fast", "dpm-fast"),
        ("heun", "heun"),
        ("lms karras", "lms-karras"),
        ("euler sgm uniform", "euler-sgm-uniform"),
        ("ddim", "ddim"),
        ("ddpm", "ddpm"),
        ("plms", "pndm"),
        ("uni_pc", "unipc"),
        ("UniPC", "unipc"),
        ("deis", "deis"),
        ("lcm", "lcm"),
        ("tcd", "tcd"),
        ("ipndm", "ipndm"),
        ("SA-Solver", "sa-solver"),
        ("sa_solver", "sa-solver"),
        ("eulerdiscretescheduler", "EulerDiscreteScheduler"),
        ("KDPM2DiscreteScheduler", "KDPM2DiscreteScheduler"),
        ("FlowMatchEulerDiscreteScheduler", "FlowMatchEulerDiscreteScheduler"),
    ],
)
def test_a_sampler_is_known_however_it_is_spelt(typed: str, name: str):
    assert read_sampler(typed) == name


@pytest.mark.parametrize("typed", ["", "-", "k", "fast", "euler b", "e" * 10_000, "dpm adaptive"])
def test_what_is_no_sampler_is_none(typed: str):
    assert read_sampler(typed) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("eular", "euler"),
        ("dpm++ 2m karas", "dpm++2m-karras"),
        ("EulerDiscreteSheduler", "EulerDiscreteScheduler"),
        ("watercolour", None),
    ],
)
def test_a_slip_finds_what_was_meant(typed: str, meant: str | None):
    assert nearest_sampler(typed) == meant


def test_what_a_request_keeps_reads_as_itself_and_fits_in_a_line():
    for name in (*SAMPLERS, *SCHEDULERS):
        assert read_sampler(name) == name
        assert " " not in name


def test_no_two_samplers_are_the_same_and_all_are_classes_of_diffusers():
    told = {
        (one.scheduler, one.flow, tuple(sorted(one.options.items()))) for one in SAMPLERS.values()
    }
    assert len(told) == len(SAMPLERS)
    for one in SAMPLERS.values():
        assert {one.scheduler, one.flow} <= {*SCHEDULERS, ""}
    assert set(BASIC) < set(SAMPLERS)


def test_a_spacing_is_in_the_name_alone():
    plain, karras = sampler_called("dpm++2m"), sampler_called("dpm++2m-karras")
    assert plain.options["use_karras_sigmas"] is False
    assert karras.options["use_karras_sigmas"] is True
    assert (plain.flow, karras.flow) == ("DPMSolverMultistepScheduler", "")
    assert sampler_called("euler-karras").flow == "FlowMatchEulerDiscreteScheduler"


def test_a_class_is_itself_with_the_title_of_what_it_does():
    own = sampler_called("EulerAncestralDiscreteScheduler")
    assert own.options == {}
    assert own.title == "Euler a"
    assert sampler_called("EDMEulerScheduler").title == "EDMEulerScheduler"
