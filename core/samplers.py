"""Samplers: the names members know for diffusers' schedulers, and those classes by their own names.

Nothing here says which model a sampler fits; `generation.samplers` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """One way from noise to a picture.

    `title` is how AUTOMATIC1111's web UI lists it, or would. `scheduler` is diffusers' class for
    models that predict noise or velocity on the way from it, and `flow` the one for models that
    predict a flow, such as SD 3 and FLUX; "" where diffusers has none. `options` are set over
    the model's own configuration, as far as the class knows them.
    """

    name: str
    title: str
    scheduler: str
    flow: str = ""
    options: Mapping[str, object] = field(default_factory=dict[str, object])


_SPACINGS: dict[str, tuple[str, dict[str, object]]] = {
    "karras": ("Karras", {"use_karras_sigmas": True}),
    "exponential": ("Exponential", {"use_exponential_sigmas": True}),
    "beta": ("Beta", {"use_beta_sigmas": True}),
    "sgm-uniform": ("SGM Uniform", {"timestep_spacing": "trailing"}),
    "lu": ("Lu", {"use_lu_lambdas": True}),
}
"""How the steps may be spread over the noise; said behind a sampler's name."""

_EVEN: dict[str, object] = dict.fromkeys(
    ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas"), False
)
"""A name without one of these means none of them, whatever the model's configuration has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A sampler and the spacings it comes with, for noise and for flow models."""

    name: str
    title: str
    scheduler: str
    flow: str = ""
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    spacings: tuple[str, ...] = ("karras", "exponential", "beta", "sgm-uniform")
    flow_spacings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def all(self) -> Iterator[Sampler]:
        for spacing in ("", *self.spacings):
            title, options = _SPACINGS.get(spacing, ("", {}))
            yield Sampler(
                name=f"{self.name}-{spacing}" if spacing else self.name,
                title=f"{self.title} {title}".strip(),
                scheduler=self.scheduler,
                flow=self.flow if not spacing or spacing in self.flow_spacings else "",
                options={**_EVEN, **self.options, **options},
            )


def _dpm(kind: str, order: int, *, sde: bool = False, **options: object) -> dict[str, object]:
    """Options of DPM-Solver++; `kind` is how a second-order step is taken."""
    algorithm = "sde-dpmsolver++" if sde else "dpmsolver++"
    return {"algorithm_type": algorithm, "solver_order": order, "solver_type": kind, **options}


_MULTI, _SINGLE = "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler"
_MULTI_SPACINGS = ("karras", "exponential", "beta", "sgm-uniform", "lu")
_SIGMAS = ("karras", "exponential", "beta")

_ROWS = (
    _Row(
        name="euler",
        title="Euler",
        scheduler="EulerDiscreteScheduler",
        flow="FlowMatchEulerDiscreteScheduler",
        flow_spacings=_SIGMAS,
    ),
    _Row(
        name="euler-a",
        title="Euler a",
        scheduler="EulerAncestralDiscreteScheduler",
        flow="LTXEulerAncestralRFScheduler",
        spacings=("sgm-uniform",),
    ),
    _Row(
        name="dpm++2m",
        title="DPM++ 2M",
        scheduler=_MULTI,
        flow=_MULTI,
        options=_dpm("midpoint", 2),
        spacings=_MULTI_SPACINGS,
    ),
    _Row(
        name="dpm++2m-sde",
        title="DPM++ 2M SDE",
        scheduler=_MULTI,
        flow=_MULTI,
        options=_dpm("midpoint", 2, sde=True),
        spacings=_MULTI_SPACINGS,
    ),
    _Row(
        name="dpm++2m-sde-heun",
        title="DPM++ 2M SDE Heun",
        scheduler=_MULTI,
        flow=_MULTI,
        options=_dpm("heun", 2, sde=True),
        spacings=_MULTI_SPACINGS,
    ),
    _Row(
        name="dpm++3m",
        title="DPM++ 3M",
        scheduler=_MULTI,
        flow=_MULTI,
        options=_dpm("midpoint", 3),
        spacings=_MULTI_SPACINGS,
    ),
    _Row(
        name="dpm++3m-sde",
        title="DPM++ 3M SDE",
        scheduler=_MULTI,
        flow=_MULTI,
        options=_dpm("midpoint", 3, sde=True),
        spacings=_MULTI_SPACINGS,
    ),
    _Row(
        name="dpm++2s",
        title="DPM++ 2S",
        scheduler=_SINGLE,
        flow=_SINGLE,
        options=_dpm("midpoint", 2),
        spacings=_SIGMAS,
    ),
    _Row(
        name="dpm++2s-a",
        title="DPM++ 2S a",
        scheduler=_SINGLE,
        flow=_SINGLE,
        options=_dpm("midpoint", 2, sde=True),
        spacings=_SIGMAS,
        aliases=("dpm++ 2s sde",),
    ),
    _Row(name="dpm++sde", title="DPM++ SDE", scheduler="DPMSolverSDEScheduler"),
    _Row(
        name="dpm-fast",
        title="DPM fast",
        scheduler=_SINGLE,
        # The solver that the "++" one came from, on noise; it cannot go down to no noise at all.
        options={
            "algorithm_type": "dpmsolver",
            "solver_order": 3,
            "solver_type": "midpoint",
            "final_sigmas_type": "sigma_min",
        },
        spacings=(),
    ),
    _Row(name="dpm2", title="DPM2", scheduler="KDPM2DiscreteScheduler"),
    _Row(name="dpm2-a", title="DPM2 a", scheduler="KDPM2AncestralDiscreteScheduler"),
    _Row(
        name="heun",
        title="Heun",
        scheduler="HeunDiscreteScheduler",
        flow="FlowMatchHeunDiscreteScheduler",
    ),
    _Row(name="lms", title="LMS", scheduler="LMSDiscreteScheduler"),
    _Row(name="ddim", title="DDIM", scheduler="DDIMScheduler", spacings=("sgm-uniform",)),
    _Row(name="ddpm", title="DDPM", scheduler="DDPMScheduler", spacings=("sgm-uniform",)),
    _Row(
        name="pndm",
        title="PLMS",
        scheduler="PNDMScheduler",
        options={"skip_prk_steps": True},
        spacings=("sgm-uniform",),
        aliases=("plms",),
    ),
    _Row(
        name="unipc",
        title="UniPC",
        scheduler="UniPCMultistepScheduler",
        flow="UniPCMultistepScheduler",
        aliases=("uni_pc_bh2",),
    ),
    _Row(
        name="deis",
        title="DEIS",
        scheduler="DEISMultistepScheduler",
        flow="DEISMultistepScheduler",
    ),
    _Row(
        name="sa-solver",
        title="SA-Solver",
        scheduler="SASolverScheduler",
        flow="SASolverScheduler",
        options={"algorithm_type": "data_prediction"},
    ),
    _Row(
        name="lcm",
        title="LCM",
        scheduler="LCMScheduler",
        flow="FlowMatchLCMScheduler",
        spacings=(),
    ),
    _Row(name="tcd", title="TCD", scheduler="TCDScheduler", spacings=()),
    _Row(name="ipndm", title="IPNDM", scheduler="IPNDMScheduler", spacings=()),
)

SAMPLERS: dict[str, Sampler] = {one.name: one for row in _ROWS for one in row.all()}
"""By the name that a request keeps, in an order to be listed in."""

BASIC = tuple(row.name for row in _ROWS)
"""The names without those that only spread the steps in another way."""

SCHEDULERS = (
    "AmusedScheduler",
    "BlockRefinementScheduler",
    "CMStochasticIterativeScheduler",
    "CogVideoXDDIMScheduler",
    "CogVideoXDPMScheduler",
    "CosineDPMSolverMultistepScheduler",
    "DDIMInverseScheduler",
    "DDIMParallelScheduler",
    "DDIMScheduler",
    "DDPMParallelScheduler",
    "DDPMScheduler",
    "DDPMWuerstchenScheduler",
    "DEISMultistepScheduler",
    "DPMSolverMultistepInverseScheduler",
    "DPMSolverMultistepScheduler",
    "DPMSolverSDEScheduler",
    "DPMSolverSinglestepScheduler",
    "DiscreteDDIMScheduler",
    "EDMDPMSolverMultistepScheduler",
    "EDMEulerScheduler",
    "EntropyBoundScheduler",
    "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler",
    "FlowMapEulerDiscreteScheduler",
    "FlowMatchEulerDiscreteScheduler",
    "FlowMatchHeunDiscreteScheduler",
    "FlowMatchLCMScheduler",
    "HeliosDMDScheduler",
    "HeliosScheduler",
    "HeunDiscreteScheduler",
    "IPNDMScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "KDPM2DiscreteScheduler",
    "KarrasVeScheduler",
    "LCMScheduler",
    "LMSDiscreteScheduler",
    "LTXEulerAncestralRFScheduler",
    "MiniMaxH3Scheduler",
    "PNDMScheduler",
    "PiflowScheduler",
    "RFD4ProteinaScheduler",
    "RePaintScheduler",
    "SASolverScheduler",
    "SCMScheduler",
    "ScoreSdeVeScheduler",
    "TCDScheduler",
    "UnCLIPScheduler",
    "UniPCMultistepScheduler",
    "VQDiffusionScheduler",
)
"""Every scheduler class of diffusers, fit for pictures or not."""

LONGEST = 60
"""Letters; no spelling of a sampler is longer."""

_FILLING = re.compile(r"[\s_\-.()]+")


def _key(text: str) -> str:
    """What spellings of one name have in common: `DPM++ 2M Karras`, `dpmpp_2m_karras`."""
    bare = _FILLING.sub("", text.lower())
    for long, short in (("plusplus", "++"), ("dpmpp", "dpm++"), ("ancestral", "a")):
        bare = bare.replace(long, short)
    return bare.removesuffix("gpu")


_BY_KEY: dict[str, str] = {
    **{_key(name): name for name in SCHEDULERS},
    **{_key(name): name for name in SAMPLERS},
    **{_key(alias): row.name for row in _ROWS for alias in row.aliases},
}


def read_sampler(text: str) -> str | None:
    """The name a request keeps for what was typed, None where there is no such sampler.

    Class names of diffusers stay what they are, and mean the class with the model's own settings.
    """
    if len(text) > LONGEST:
        return None
    key = _key(text)
    return _BY_KEY.get(key) or _BY_KEY.get(key.removeprefix("k"))


def nearest_sampler(text: str) -> str | None:
    """The sampler that was probably meant."""
    near = get_close_matches(_key(text[:LONGEST]), _BY_KEY, n=1)
    return _BY_KEY[near[0]] if near else None


def sampler_called(name: str) -> Sampler:
    """The sampler of a name as requests keep it; any other name is a class of diffusers."""
    known = SAMPLERS.get(name)
    if known is not None:
        return known
    titles = (one.title for one in SAMPLERS.values() if name in (one.scheduler, one.flow))
    return Sampler(name=name, title=next(titles, name), scheduler=name, flow=name)
