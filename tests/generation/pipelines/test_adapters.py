"""--lora from a file to a picture: what diffusers draws with it, and nothing of it stays behind."""

# pyright: basic
from __future__ import annotations

import gc
import math
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import EngineError, ModelBrokenError
from core.events import Ask, Cancelled, Event, Failed, Finished, Inquiry, Progress, Task
from core.models import Catalogue
from core.request import Lora
from core.speed import Speed
from generation.adapter_files import locate
from generation.adapters import KEPT, Adapters
from generation.models import Loaded, Shelf
from generation.offload import place
from generation.painter import Painter
from generation.quiet import quiet
from generation.weights import bytes_of
from tests.generation.build import a_request, a_task
from tests.generation.loras import adapter, made_of, save_lora
from tests.generation.pipelines.conftest import Made, Make, furthest
from tests.generation.pipelines.test_painter import bare, seeds

PARTS = {
    "sd": ("unet", "text_encoder"),
    "xl": ("unet", "text_encoder", "text_encoder_2"),
    "flux": ("transformer", "text_encoder"),
}
NAMES = ("ink", "foil", "grain", "dust")


@pytest.fixture(scope="module")
def files(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By model and name: `sd ink` touches its text encoders too, the others its denoiser."""
    home, found = tmp_path_factory.mktemp("loras"), dict[str, Path]()
    for model, parts in PARTS.items():
        pipeline = bare(folders[model])
        for seed, name in enumerate(NAMES if model == "sd" else NAMES[:2]):
            folder = home / f"{model}-{name}"
            touched = () if seed else parts
            found[f"{model} {name}"] = save_lora(pipeline, folder, seed, touched, rank=2 + seed)
    return found


def catalogue(folders: dict[str, Path], files: dict[str, Path], more: str = "") -> Catalogue:
    tables = [f'[{name}]\nsource = "{folders[name]}"\n{more}' for name in PARTS]
    tables += [
        f'[adapters.{key.replace(" ", "-")}]\nsource = "{file}"\nmodels = ["{key.split()[0]}"]'
        for key, file in files.items()
    ]
    return Catalogue.parse("\n".join(tables))


@pytest.fixture(scope="module")
def painter(folders: dict[str, Path], files: dict[str, Path]) -> Iterator[Painter]:
    painter = Painter(catalogue(folders, files), device="cpu", preview_every=2)
    yield painter
    painter.close()


@pytest.fixture
def loaded(painter: Painter) -> Loaded:
    return painter._shelf.get("sd")


def worn(*loras: tuple[str, float]) -> tuple[Lora, ...]:
    return tuple(Lora(name, weight) for name, weight in loras)


def plain(
    folders: dict[str, Path], files: dict[str, Path], model: str, names: list[str]
) -> Callable[[list[tuple[str, float]]], Any]:
    """Draws with them what diffusers alone does."""
    pipeline = bare(folders[model])
    for name in names:
        file = files[name.replace("-", " ")]
        with quiet(UserWarning, "Already found a `peft_config`"):
            pipeline.load_lora_weights(str(file.parent), weight_name=file.name, adapter_name=name)

    def draw(loras: list[tuple[str, float]]) -> Any:
        pipeline.set_adapters([name for name, _ in loras], [weight for _, weight in loras])
        return pipeline(
            prompt="a cat",
            width=64,
            height=64,
            num_inference_steps=4,
            guidance_scale=4.0,
            generator=seeds(a_request("a cat", count=1)),
        ).images[0]

    return draw


# The picture


@pytest.mark.parametrize("model", PARTS)
def test_the_picture_is_the_one_that_diffusers_draws(
    make: Make, painter: Painter, folders: dict[str, Path], files: dict[str, Path], model: str
):
    (without,) = (usual := make(model=model, by=painter, count=1)).pictures
    ink, foil = f"{model}-ink", f"{model}-foil"
    draw = plain(folders, files, model, [ink, foil])
    for loras in ([(ink, 1.0)], [(foil, -0.8)], [(ink, 0.4), (foil, 1.3)]):
        made = make(model=model, by=painter, count=1, loras=worn(*loras))
        assert isinstance(made.ending, Finished), made.ending
        assert furthest(made.pictures[0], draw(loras)) <= 1
        assert furthest(made.pictures[0], without) > 4
    # And others draw as they did, to the last bit.
    assert make(model=model, by=painter, count=1).pixels == usual.pixels


def test_two_weigh_the_same_in_any_order_and_nothing_at_nought(make: Make, painter: Painter):
    two, one = worn(("sd-ink", 0.5), ("sd-foil", -1.0)), {"by": painter, "count": 1}
    pixels = make(**one, loras=two).pixels
    assert make(**one, loras=two[::-1]).pixels == pixels
    assert make(**one, loras=worn(("sd-foil", 0.0))).pixels == make(**one).pixels


def test_texts_are_read_anew_only_by_adapters_that_change_how(
    make: Make, painter: Painter, loaded: Loaded
):
    quick = {"by": painter, "steps": 1, "count": 1}
    make("a new text", **quick)
    before = len(loaded.recall)
    make("a new text", **quick, loras=worn(("sd-foil", 1.0)))
    assert len(loaded.recall) == before
    for weight in (1.23, 0.45, 1.23):
        make("a new text", **quick, loras=worn(("sd-ink", weight)))
    # The prompt and the blank one, at each weight.
    assert len(loaded.recall) == before + 4


def test_other_things_that_are_asked_for_work_with_them(make: Make, painter: Painter):
    ink = {"by": painter, "loras": worn(("sd-ink", 1.0)), "count": 1}
    usual = make(**ink).pixels
    for changes in (
        {"hires": 1.5, "steps": 2},
        {"chaos": 50, "count": 2},
        {"clip_skip": 1},
        {"cautious": True, "count": 2},
    ):
        made = make(**ink | changes)
        assert isinstance(made.ending, Finished), (changes, made.ending)
        without = make(**{**ink, **changes, "loras": ()})
        assert made.pixels != without.pixels, changes
        assert made.pixels[0] != usual[0] or "cautious" in changes, changes


def test_a_tile_with_one_has_edges_that_fit_and_others_keep_theirs(make: Make, painter: Painter):
    foil = {"by": painter, "loras": worn(("sd-foil", 0.6)), "count": 1, "seed": 3}
    edged = make(**foil)
    tiled = make(**foil, tile=True)
    assert tiled.pixels != edged.pixels
    assert make(**foil).pixels == edged.pixels
    assert make(**foil, tile=True).pixels == tiled.pixels


def test_a_task_that_was_stopped_goes_on_with_them_to_the_same_picture(
    make: Make, painter: Painter, files: dict[str, Path], tmp_path: Path
):
    changes: dict[str, Any] = {
        "by": painter,
        "steps": 8,
        "count": 1,
        "loras": worn(("sd-ink", 0.7)),
    }
    whole, stop = make(**changes), threading.Event()
    kept = str(tmp_path / "kept.safetensors")

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 6:
            stop.set()

    assert isinstance(make(**changes, checkpoint=kept, listen=listen, halt=stop).ending, Cancelled)
    again = make(**changes, checkpoint=kept, resume=True)
    assert again.pixels == whole.pixels
    assert min(again.steps) > 1
    # Another weight is another picture, and so is another file: it starts over.
    stood = Path(kept).read_bytes()
    other = make(**changes | {"loras": worn(("sd-ink", 0.6))}, checkpoint=kept, resume=True)
    assert other.steps[0] == 1
    file = files["sd ink"]
    there = file.read_bytes()
    Path(kept).write_bytes(stood)
    try:
        save_file(load_file(file), file, {"title": "another"})
        assert make(**changes, checkpoint=kept, resume=True).steps[0] == 1
    finally:
        file.write_bytes(there)


def test_what_a_word_is_worth_is_asked_with_them(painter: Painter):
    def numbers(loras: tuple[Lora, ...]) -> tuple[float, ...]:
        request = a_request("a red cat", model="sd", loras=loras)
        question = Ask(id="q", inquiry=Inquiry.WORTH, request=request, texts=("a red cat", "cat"))
        return painter.answer(question, 60).numbers

    usual, inky = numbers(()), numbers(worn(("sd-ink", 1.0)))
    assert len(usual) == len(inky) == 1
    assert usual != inky


def test_smaller_weights_and_parts_that_rest_elsewhere_take_them_too(
    folders: dict[str, Path], files: dict[str, Path]
):
    here_too = catalogue(folders, files)

    def draw(speed: Speed, *, memory: str = "high") -> Any:
        loaded = Shelf(here_too, torch.device("cpu"), torch.float32, usual=speed).get("sd")
        if memory != "high":
            place(loaded.text_to_image, memory, torch.device("cpu"))
        with Adapters(loaded.text_to_image, loaded.model).worn(
            worn(("sd-ink", 0.7)), here
        ) as clothes:
            pipeline = loaded.pipeline(from_picture=False)
            clothes.put_on(pipeline)
            clothes.setting.enter()
            return pipeline(
                "a cat",
                width=64,
                height=64,
                num_inference_steps=2,
                generator=torch.Generator().manual_seed(3),
                output_type="pt",
            ).images

    usual = draw(Speed())
    assert torch.equal(draw(Speed(), memory="medium"), usual)
    pytest.importorskip("torchao")
    error = ((draw(Speed(quantize="int8")) - usual) ** 2).mean().item()
    assert 40 < -10 * math.log10(error) < 100


# Company


def test_tasks_with_others_or_none_draw_beside_each_other_what_each_draws_alone(
    painter: Painter, tmp_path: Path
):
    sets = [(), (("sd-ink", 1.0),), (("sd-foil", -0.5),), (("sd-ink", 0.3), ("sd-foil", 1.0)), ()]
    tasks = [
        a_task(
            tmp_path,
            f"a cat {n}",
            f"t{n}",
            model="sd",
            loras=worn(*loras),
            steps=3 + n,
            seed=n,
            count=1,
        )
        for n, loras in enumerate(sets)
    ]

    def pixels(task: Task) -> list[bytes]:
        events: list[Event] = []
        made = Made(painter.make(task, events.append, threading.Event()), events)
        assert isinstance(made.ending, Finished), made.ending
        return made.pixels

    alone = [pixels(task) for task in tasks]
    together: dict[int, list[bytes]] = {}
    threads = [
        threading.Thread(target=lambda n=n: together.update({n: pixels(tasks[n])}))
        for n in range(len(tasks))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[n] for n in range(len(tasks))] == alone


# What stays


def tried(loaded: Loaded, kept: int = KEPT) -> Adapters:
    return Adapters(loaded.text_to_image, loaded.model, kept=kept)


def here(work: Callable[[], Any]) -> Any:
    with torch.no_grad():
        return work()


def test_only_the_last_few_stay_and_those_that_somebody_needs(loaded: Loaded):
    adapters = tried(loaded, kept=2)
    with adapters.worn(worn(("sd-ink", 1.0)), here):
        for name in ("sd-foil", "sd-grain", "sd-dust"):
            with adapters.worn(worn((name, 1.0)), here):
                pass
        assert adapters.names == ["sd-ink", "sd-dust"]
        with adapters.worn(worn(("sd-foil", 1.0), ("sd-grain", 1.0)), here):
            assert set(adapters.names) == {"sd-ink", "sd-foil", "sd-grain"}
    with adapters.worn(worn(("sd-foil", 1.0)), here):
        assert len(adapters.names) == 2


def test_nothing_of_an_adapter_is_left_when_it_is_put_away(loaded: Loaded):
    names = ("unet", "text_encoder")
    shared = {name: getattr(loaded.text_to_image, name) for name in names}
    before = {name: made_of(part) for name, part in shared.items()}
    adapters = tried(loaded, kept=0)
    own = adapters._own
    fresh = {name: made_of(own[name]) for name in names}
    sizes = {name: bytes_of(own[name]) for name in names}
    held: list[weakref.ref[Any]] = []
    for name in ("sd-ink", "sd-foil", "sd-ink"):
        with adapters.worn(worn((name, 1.0)), here) as clothes:
            clothes.setting.enter()
            assert bytes_of(own["unet"]) > sizes["unet"]
            held += [
                weakref.ref(one) for key, one in own["unet"].named_parameters() if "lora" in key
            ]
            assert held
            clothes.setting.leave()
    here(adapters._make_room)
    del clothes
    gc.collect()
    assert not any(one() is not None for one in held)
    for name in names:
        assert bytes_of(own[name]) == sizes[name]
        assert made_of(own[name]) == fresh[name]
        # What all tasks share was never another.
        assert made_of(shared[name]) == before[name]


def test_a_model_goes_though_a_setting_of_its_adapters_is_still_on(loaded: Loaded):
    adapters = tried(loaded)
    with adapters.worn(worn(("sd-ink", 1.0)), here) as clothes:
        setting = clothes.setting
        setting.enter()
    unet = weakref.ref(adapters._own["unet"])
    del adapters, clothes
    gc.collect()
    assert unet() is None
    setting.leave()
    setting.enter()


def test_switching_goes_through_the_modules_once(loaded: Loaded, monkeypatch: pytest.MonkeyPatch):
    adapters = tried(loaded)
    went: list[list[str]] = []
    original = adapters._pipeline.set_adapters

    def counted(names: list[str], weights: list[float]) -> None:
        went.append(names)
        original(names, weights)

    object.__setattr__(adapters._pipeline, "set_adapters", counted)
    with adapters.worn(worn(("sd-ink", 1.0)), here) as one:
        with adapters.worn(worn(("sd-ink", -1.0)), here) as other:
            for clothes in (one, other, one, other):
                clothes.setting.enter()
                clothes.setting.leave()
            assert len(went) == 2
        # One that comes changes what there is to be switched.
        with adapters.worn(worn(("sd-foil", 1.0)), here):
            one.setting.enter()
            assert len(went) == 3


# What cannot be


def broken(loaded: Loaded, source: str | Path, weight_name: str | None = None) -> str:
    one = replace(adapter("ink", Path(source)), weight_name=weight_name)
    model = replace(loaded.model, adapters=(one,))
    adapters = Adapters(loaded.text_to_image, model)
    fresh = made_of(adapters._own["unet"])
    with pytest.raises(ModelBrokenError) as caught, adapters.worn(worn(("ink", 1.0)), here):
        pass
    assert adapters.names == []
    assert made_of(adapters._own["unet"]) == fresh
    said = caught.value.sentence
    assert said.startswith(f"The adapter “ink” cannot be loaded from “{source}”: ")
    return said.partition("”: ")[2]


def test_a_file_is_looked_over_before_it_is_used(
    loaded: Loaded, files: dict[str, Path], tmp_path: Path
):
    whole = files["sd ink"].read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert broken(loaded, empty) == "there is no .safetensors file in it; correct its source."
    (empty / "lora.bin").write_bytes(b"x")
    assert broken(loaded, empty).startswith("its weights are pickles, which can run code")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole[:-10])
    assert broken(loaded, cut) == "“cut.safetensors” is damaged or cut short; download it again."
    text = tmp_path / "lora.zip"
    text.write_bytes(whole)
    assert broken(loaded, text) == "“lora.zip” is no .safetensors file; use one of the adapter."
    assert broken(loaded, "no/where").startswith(
        "it is not on this machine; download it with `hf download no/where`."
    )
    assert broken(loaded, "/no/such/place").startswith("it is not on this machine; correct its")
    several = tmp_path / "several"
    several.mkdir()
    for name in ("a", "b"):
        shutil.copy(files["sd ink"], several / f"{name}.safetensors")
    assert broken(loaded, several).startswith("several files are in it (a.safetensors, b.")
    assert broken(loaded, several, "c.safetensors").startswith("there is no “c.safetensors” in it;")
    assert locate(adapter("ink", files["sd ink"].parent)) == files["sd ink"]


def test_what_is_no_adapter_or_not_for_this_model_is_told(
    loaded: Loaded, files: dict[str, Path], tmp_path: Path, folders: dict[str, Path]
):
    tensors = load_file(files["sd foil"])
    other = tmp_path / "other.safetensors"
    save_file({"conv.weight": torch.zeros(2, 2)}, other)
    assert broken(loaded, other) == "“other.safetensors” holds no LoRA; name another file."
    save_file(tensors | {"unet.mid_block.to_q.dora_scale": torch.zeros(2)}, other)
    assert broken(loaded, other).startswith("“other.safetensors” is a DoRA whose scales")
    unfit = "it does not fit the model sd; correct its family or models."
    for name in ("xl foil", "flux ink"):
        assert broken(loaded, files[name]) == unfit
    # One layer too many, as another version of the model might have it.
    save_file(tensors | {"unet.extra.lora_A.weight": torch.zeros(2, 4)}, other)
    assert broken(loaded, other) == unfit


def test_a_model_that_cannot_have_them_says_so(make: Make, painter: Painter):
    gone = make(model="sd", by=painter, loras=worn(("lost", 1.0))).ending
    assert isinstance(gone, Failed)
    assert gone.sentence.startswith("The adapter “lost” is not here for the model “sd” any more;")


def test_what_leaves_no_room_between_its_weights_says_so(
    make: Make, folders: dict[str, Path], files: dict[str, Path]
):
    held = Painter(catalogue(folders, files), device="cpu", speed=Speed(quantize="float8-storage"))
    ending = make(by=held, loras=worn(("sd-ink", 1.0))).ending
    assert isinstance(ending, Failed)
    assert ending.sentence.startswith("The model “sd” takes no adapters while it is held in little")
    assert isinstance(make(by=held).ending, Finished)
    held.close()


def test_memory_that_is_full_while_one_is_loaded_is_told_as_that(
    make: Make, painter: Painter, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
):
    adapters = tried(loaded)

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    object.__setattr__(adapters._pipeline, "load_lora_weights", full)
    fresh = made_of(adapters._own["unet"])
    with pytest.raises(EngineError) as caught, adapters.worn(worn(("sd-ink", 1.0)), here):
        pass
    assert type(caught.value).__name__ == "OutOfMemoryError"
    assert made_of(adapters._own["unet"]) == fresh
