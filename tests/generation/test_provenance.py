from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.edits import PAINTED_WITH_HEAD, Edit, Op, Painter
from core.request import Lora, Part, Request, Source
from generation.images import encode_png, read_record
from generation.provenance import EXIF_BYTES, chunks, exif, parameters, record
from tests.generation.build import a_request

PICTURE = Image.new("RGB", (4, 4), "navy")
PROMPT = "ein Leuchtturm, 灯台, 🌅 “at dusk”\nwith a line break, \x7f and Ünïcode: \U0001f3f4"


def written(request: Request, number: int = 2) -> bytes:
    return encode_png(PICTURE, chunks(request, number, "EulerDiscreteScheduler"))


def texts_of(png: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(png)) as picture:
        return dict(picture.info)


def with_record(record: str) -> bytes:
    info = PngInfo()
    info.add_itxt("easel", record)
    return encode_png(PICTURE, info)


def test_a_record_comes_back_as_it_went_in():
    request = a_request(
        PROMPT,
        parts=(Part(PROMPT, 1.5), Part("fog", -0.25)),
        avoid=("people", "Straßen"),
        sampler="DDIMScheduler",
        source=Source("ab/cd.png", 0.6),
        aspect=(3, 2),
        same_seed=True,
    )
    assert read_record(written(request, 3)) == (request, 3)


def test_the_parameters_are_those_of_the_web_ui():
    request = a_request(
        "a lighthouse", avoid=("fog", "people"), steps=24, guidance=4.0, width=192, height=128
    )
    lines = parameters(request, 2, "DPMSolverMultistepScheduler").split("\n")
    assert lines[0] == "a lighthouse"
    assert lines[1] == "Negative prompt: fog, people"
    assert lines[2].startswith(
        f"Steps: 24, Sampler: DPM++ 2M, CFG scale: 4, Seed: {request.image_seed(1)}, "
        "Size: 192x128, Model: tiny, Version: Easel "
    )
    assert len(lines) == 3


def test_a_variation_names_its_strength():
    text = parameters(a_request(source=Source("ab/cd.png", 0.6)), 1)
    assert "Denoising strength: 0.6" in text
    assert "ab/cd.png" not in text


def test_the_parameters_survive_any_unicode():
    assert texts_of(written(a_request(PROMPT)))["parameters"].startswith(PROMPT)


def test_the_requests_own_sampler_wins_over_the_one_reported():
    assert "Sampler: DDIM," in parameters(a_request(sampler="DDIMScheduler"), 1, "Other")
    karras = parameters(a_request(sampler="dpm++2m-karras", hires=1.5), 1)
    assert "Sampler: DPM++ 2M Karras," in karras
    assert "Hires upscale: 1.5," in karras


def test_a_record_says_nothing_of_people_or_places():
    known = set(json.loads(texts_of(written(a_request()))["easel"])["request"])
    assert not {word for word in known if any(part in word for part in ("user", "guild", "owner"))}


def sound() -> dict[str, Any]:
    return {"version": 1, "number": 1, "request": a_request().to_json()}


def changed(**changes: Any) -> str:
    values = sound()
    values["request"] |= changes
    return json.dumps(values)


@pytest.mark.parametrize(
    "record",
    [
        "not json",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        json.dumps(sound() | {"number": "1"}),
        json.dumps(sound() | {"number": True}),
        json.dumps(sound() | {"request": []}),
        changed(width="512"),
        changed(seed=-1),
        changed(steps=1.5),
        changed(steps=None),
        changed(text=7),
        changed(parts=[])[:-1],
        changed(parts=[{"text": 7}]),
        changed(parts=7),
        changed(aspect=[1]),
        changed(kind="nonsense"),
        changed(same_seed=[]),
        changed(chaos="50"),
        changed(hires=None),
        changed(step=0),
        changed(tile=1),
        changed(style={"text": 7}),
        changed(style={"blob": 7}),
        changed(source={"blob": 7, "strength": 0.5}),
        changed(somebody_elses="value"),
    ],
)
def test_a_broken_record_is_no_record(record: str):
    assert read_record(with_record(record)) is None


def test_the_record_that_the_broken_ones_are_made_from_is_sound():
    assert read_record(with_record(changed())) == (a_request(), 1)


@pytest.mark.parametrize("data", [b"", b"hello", encode_png(PICTURE), written(a_request())[:40]])
def test_other_files_have_no_record(data: bytes):
    assert read_record(data) is None


def painted(**changes: Any) -> Request:
    how: dict[str, Any] = {"model": "fill", "steps": 40, "guidance": 9.0}
    edit = Edit(op=Op.REGION, painter=Painter(**(how | changes)))
    return a_request(edit=edit, source=Source("key", 1.0))


def test_others_read_of_the_model_that_painted_and_easel_of_both():
    told = parameters(painted(), 1, "EulerDiscreteScheduler")
    assert "Steps: 40, Sampler: Euler, CFG scale: 9, " in told
    assert f"Model: fill, Denoising strength: {PAINTED_WITH_HEAD}" in told
    assert read_record(written(painted(sampler="ddim"))) == (painted(sampler="ddim"), 2)


@pytest.mark.parametrize(
    "changes", [{"model": 5}, {"steps": 1.5}, {"guidance": "9"}, {"sampler": 7}], ids=str
)
def test_a_painter_of_the_wrong_types_is_no_record(changes: dict[str, Any]):
    assert read_record(with_record(record(painted(**changes), 1))) is None


# In other formats


def as_file(request: Request, kind: str, **options: Any) -> bytes:
    """The picture as it is posted where its PNG is too large."""
    file = io.BytesIO()
    PICTURE.save(file, kind, exif=exif(texts_of(written(request))), **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {}), ("WEBP", {}), ("WEBP", {"lossless": True})]
)
def test_a_jpeg_or_webp_carries_both_texts(kind: str, options: dict[str, Any]):
    request = a_request(PROMPT, avoid=("Straßen",))
    data = as_file(request, kind, **options)
    assert read_record(data) == (request, 2)
    with Image.open(io.BytesIO(data)) as picture:
        comment = picture.getexif().get_ifd(0x8769)[0x9286]
    # As the web UI and others read it.
    assert comment[:8] == b"UNICODE\0"
    assert comment[8:].decode("utf-16-be") == parameters(request, 2, "EulerDiscreteScheduler")


def test_a_jpeg_has_room_for_a_long_prompt_and_loses_the_text_for_others_first():
    request = a_request("灯台 " * 5000, parts=(Part("灯台 " * 1000),))
    data = as_file(request, "JPEG")
    assert read_record(data) == (request, 2)
    with Image.open(io.BytesIO(data)) as picture:
        assert not picture.getexif().get_ifd(0x8769)


def test_what_has_no_room_at_all_is_left_out():
    texts = {"easel": record(a_request("x" * EXIF_BYTES), 1), "parameters": "x"}
    assert exif(texts) == b""
    assert exif({}) == b""
    assert exif({"dpi": (72, 72)}) == b""


def test_a_jpeg_of_somebody_else_has_no_record():
    for description in (None, "a holiday", "[]", "{" * 2000, "\xff\xfe"):
        values = Image.Exif()
        if description is not None:
            values[0x010E] = description.encode("latin-1")
        file = io.BytesIO()
        PICTURE.save(file, "JPEG", exif=values.tobytes())
        assert read_record(file.getvalue()) is None


def test_a_broken_exif_has_no_record():
    whole = as_file(a_request(), "JPEG")
    start = whole.index(b"Exif\0\0")
    for at in range(start, start + 40):
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        found = read_record(bytes(broken))
        assert found is None or found == (a_request(), 2)
    assert read_record(whole[: start + 60]) is None


def test_adapters_are_in_both_texts():
    worn = a_request("a fox", loras=(Lora("ink", 0.8), Lora("foil", -1.0)))
    assert parameters(worn, 1).splitlines()[0] == "a fox <lora:ink:0.8> <lora:foil:-1>"
    assert read_record(written(worn)) == (worn, 2)
    unsound = record(worn, 1).replace("0.8", '"strong"')
    assert read_record(with_record(unsound)) is None
