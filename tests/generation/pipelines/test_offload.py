"""Parts of a model that rest in the machine's memory until they are called."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.hooks.group_offloading import ModuleGroup
from diffusers.pipelines.auto_pipeline import AutoPipelineForText2Image
from torch import Tensor, nn

from core.speed import Speed
from generation.offload import Guests, place
from generation.painter import Painter
from generation.weights import bytes_of, denoisers_of, parts_of, weights_of
from tests.generation.pipelines.conftest import Make, catalogue

CPU, ELSEWHERE = torch.device("cpu"), torch.device("meta")
"""`ELSEWHERE` is a device of which only the name is used."""


def load(folder: Path) -> Any:
    pipeline = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Any, seed: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return pipeline(
        "a cat",
        num_inference_steps=2,
        width=64,
        height=64,
        generator=generator,
        output_type="pt",
    ).images


def places(*modules: nn.Module) -> list[list[int]]:
    """Where in memory the weights of each are, but for those that always stay."""
    return [
        [
            one.data_ptr()
            for name, one in module.named_parameters()
            if "final_layer_norm" not in name
        ]
        for module in modules
    ]


def test_guests_take_turns_and_none_is_there_while_the_denoiser_computes(folders: dict[str, Path]):
    """The device is the processor here too, so what came to it lies elsewhere in memory."""
    pipeline = load(folders["sd"])
    text, vae, unet = pipeline.text_encoder, pipeline.vae, pipeline.unet
    at_home, staying = places(text, vae), places(unet)
    guests = Guests(CPU)
    for part in (text, vae):
        guests.invite(part)
    guests.leave_before(unet)
    assert guests.largest == max(bytes_of(text), bytes_of(vae))

    def away() -> list[bool]:
        """Whether the encoder and the autoencoder are on the device, as a whole or not at all."""
        found = [
            [one != home for one, home in zip(*both, strict=True)]
            for both in zip(places(text, vae), at_home, strict=True)
        ]
        assert all(len(set(tensors)) == 1 for tensors in found)
        return [tensors[0] for tensors in found]

    assert away() == [False, False]
    with torch.no_grad():
        text(torch.zeros(1, 4, dtype=torch.long))
        assert away() == [True, False]
        vae.decode(torch.zeros(1, 4, 8, 8))
        assert away() == [False, True]
        vae.encode(torch.zeros(1, 3, 64, 64))
        assert away() == [False, True]
        unet(torch.zeros(1, 4, 8, 8), 5, torch.zeros(1, 4, 32))
    assert away() == [False, False]
    assert places(unet) == staying


def test_leaving_out_layers_needs_no_guest(folders: dict[str, Path]):
    """`clip_skip` has pipelines call the encoder's last norm by itself, whenever they like."""
    pipeline = load(folders["sd"])
    norm = next(
        one
        for name, one in pipeline.text_encoder.named_modules()
        if name.endswith("final_layer_norm")
    )
    guests = Guests(CPU)
    guests.invite(pipeline.text_encoder)
    before = places(pipeline.text_encoder), norm.weight.data_ptr()
    norm(torch.zeros(1, 4, 32))
    pipeline.text_encoder(torch.zeros(1, 4, dtype=torch.long))
    assert places(pipeline.text_encoder) != before[0]
    assert norm.weight.data_ptr() == before[1]


def test_pipelines_make_their_tensors_where_the_guests_will_be(folders: dict[str, Path]):
    pipeline = load(folders["flux"])
    place(pipeline, "medium", CPU)
    for part in (pipeline.vae, pipeline.text_encoder, pipeline.text_encoder_2):
        part._hf_hook.execution_device = ELSEWHERE
    assert pipeline._execution_device == ELSEWHERE


@pytest.mark.parametrize("name", ["sd", "xl", "flux", "sd3"])
def test_pictures_are_the_same_whatever_memory_is_spared(folders: dict[str, Path], name: str):
    pipeline = load(folders[name])
    wanted, whole = draw(pipeline), weights_of(pipeline)
    resident = {"high": place(pipeline, "high", CPU)}
    assert resident["high"] == whole.whole
    for memory in ("medium", "low"):
        pipeline = load(folders[name])
        resident[memory] = place(pipeline, memory, CPU)
        assert (draw(pipeline) - wanted).abs().max() <= 1e-5
    assert resident["low"] < resident["medium"] < resident["high"]
    # With encoders too large to come as a whole.
    pipeline = load(folders[name])
    assert place(pipeline, "medium", CPU, whole=1) == whole.denoiser
    assert (draw(pipeline) - wanted).abs().max() <= 1e-5


def test_with_low_memory_blocks_come_and_go_in_the_thread_that_calls_the_denoiser(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    pipeline = load(folders["flux"])
    place(pipeline, "low", CPU)
    (transformer,) = denoisers_of(pipeline).values()
    seen: list[tuple[str, str, str]] = []

    def watched(what: str) -> Any:
        original = getattr(ModuleGroup, what)

        def moved(group: ModuleGroup) -> None:
            thread = threading.current_thread().name
            seen.append((what, type(group.modules[0]).__name__, thread))
            original(group)

        return moved

    for what in ("onload_", "offload_"):
        monkeypatch.setattr(ModuleGroup, what, watched(what))
    words, _, ids = pipeline.encode_prompt("a cat", None, num_images_per_prompt=1)
    assert not seen
    arguments: dict[str, Any] = {
        "hidden_states": torch.zeros(1, 16, 16),
        "encoder_hidden_states": words,
        "pooled_projections": torch.zeros(1, 32),
        "timestep": torch.ones(1),
        "img_ids": torch.zeros(16, 3),
        "txt_ids": ids,
    }
    caller = threading.Thread(target=lambda: transformer(**arguments), name="device")
    caller.start()
    caller.join()
    assert {thread for _, _, thread in seen} == {"device"}
    blocks = [(what, kind) for what, kind, _ in seen if kind.endswith("Block")]
    assert blocks == [
        ("onload_", "FluxTransformerBlock"),
        ("offload_", "FluxTransformerBlock"),
        ("onload_", "FluxSingleTransformerBlock"),
        ("offload_", "FluxSingleTransformerBlock"),
    ]


def test_sizes_add_up(folders: dict[str, Path]):
    pipeline = load(folders["xl"])
    weights = weights_of(pipeline)
    assert weights.denoiser == bytes_of(pipeline.unet)
    assert weights.whole == sum(map(bytes_of, parts_of(pipeline).values()))
    assert weights.denoiser == 4 * sum(
        one.numel() for one in (*pipeline.unet.parameters(), *pipeline.unet.buffers())
    )


def test_tasks_at_once_with_low_memory_draw_what_each_would_with_all_of_it(
    make: Make, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    """Two share their forwards, one is for a tile, whose convolutions go on at the other edge. The
    processor is said to have memory of its own, so that weights come and go as on a GPU."""
    asked: list[dict[str, Any]] = [
        {"steps": 4, "seed": 1},
        {"steps": 3, "seed": 2},
        {"steps": 4, "seed": 3, "tile": True},
    ]
    wanted = [make(model="sd", count=1, **one).pixels for one in asked]
    assert len({pixels for (pixels,) in wanted}) == 3
    monkeypatch.setattr("generation.speed._room", lambda device: 1)
    spared = Painter(catalogue(folders), device="cpu", speed=Speed(memory="low"))
    make(model="sd", count=1, steps=1, by=spared)
    threads: set[str] = set()
    receive = Guests.receive

    def watched(guests: Guests, guest: Any) -> None:
        threads.add(threading.current_thread().name)
        receive(guests, guest)

    monkeypatch.setattr(Guests, "receive", watched)
    with ThreadPoolExecutor(len(asked)) as pool:
        made = list(pool.map(lambda one: make(model="sd", count=1, by=spared, **one), asked))
    assert [one.pixels for one in made] == wanted
    assert threads == {"device"}
    again = make(model="sd", count=1, by=spared, **asked[0])
    spared.close()
    assert again.pixels == wanted[0]
