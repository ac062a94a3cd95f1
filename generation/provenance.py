"""How a picture was made, written into its file and read back.

Two texts: `parameters`, in the form that AUTOMATIC1111's web UI writes and other Stable Diffusion
front ends read, and `easel`, the whole request as JSON. Neither names a person, a server or a
file of the host. In a PNG both are iTXt chunks, so that any Unicode survives. In a JPEG or WebP
they are EXIF: the first the user's comment in UTF-16, as that web UI has it, the second the
picture's description in UTF-8.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.request import Part, Request
from core.samplers import sampler_called

RECORD_VERSION = 1

EXIF_BYTES = 65_000
"""What a JPEG has room for, and a little to spare."""

_DESCRIPTION, _PHOTO, _COMMENT = 0x010E, 0x8769, 0x9286
"""Tags of EXIF; the comment is among those of the photo."""

_UTF_16 = b"UNICODE\0"


def easel_version() -> str:
    try:
        return version("easel")
    except PackageNotFoundError:
        return "0"


def negatives(request: Request) -> list[str]:
    """What the request steers away from, in its order."""
    return [part.text for part in request.parts if part.weight < 0] + list(request.avoid)


def parameters(request: Request, number: int, sampler: str | None = None) -> str:
    """The text of picture `number` (from 1; 0 is the grid) for other front ends.

    `sampler` is the scheduler class that ran, when the request left it to the model.
    """
    # As that web UI writes adapters, and as prompts here may have them.
    loras = [f"<lora:{one.name}:{one.weight:g}>" for one in request.loras]
    lines = [" ".join([request.text.strip(), *loras])]
    if avoid := ", ".join(negatives(request)):
        lines.append(f"Negative prompt: {avoid}")
    drawn = request.drawn
    ran = drawn.sampler or sampler or ""
    settings = {
        "Steps": drawn.steps,
        "Sampler": sampler_called(ran).title,
        "CFG scale": f"{drawn.guidance:g}",
        "Seed": request.image_seed(max(0, number - 1)),
        "Size": f"{request.width}x{request.height}",
        "Model": drawn.model,
        "Denoising strength": f"{drawn.source.strength:g}" if drawn.source else "",
        "Hires upscale": f"{request.hires:g}" if request.hires > 1 else "",
        "Hires upscaler" if request.hires > 1 else "Upscaler": request.enlarger,
        "Version": f"Easel {easel_version()}",
    }
    lines.append(
        ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items() if value != "")
    )
    return "\n".join(lines)


def _quoted(value: object) -> str:
    """As the web UI does: in quotes where a comma or colon would end the value early."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',:\n"') else text


def record(request: Request, number: int) -> str:
    """Easel's own text: the request and which of its pictures this is (0: the grid)."""
    values = {"version": RECORD_VERSION, "number": number, "request": request.to_json()}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def chunks(request: Request, number: int, sampler: str | None = None) -> PngInfo:
    """Both texts, for `generation.images.encode_png`."""
    info = PngInfo()
    info.add_itxt("parameters", parameters(request, number, sampler))
    info.add_itxt("easel", record(request, number))
    return info


def exif(texts: Mapping[Any, Any]) -> bytes:
    """The texts of a PNG of Easel's for another format; b"" where there are none. What a JPEG has
    no room for is left out: first the text for others, then both."""
    comment, description = texts.get("parameters"), texts.get("easel")
    for with_comment in (True, False):
        values = Image.Exif()
        if isinstance(description, str):
            # Bytes, because Pillow would write a str in ASCII.
            values[_DESCRIPTION] = description.encode()
        if with_comment and isinstance(comment, str):
            photo: dict[int, Any] = values.get_ifd(_PHOTO)
            photo[_COMMENT] = _UTF_16 + comment.encode("utf-16-be")
            values[_PHOTO] = photo
        written = values.tobytes() if values else b""
        if len(written) <= EXIF_BYTES:
            return written
    return b""


def _described(picture: Image.Image) -> str:
    """Easel's own text in a picture's file. Raises KeyError and others where there is none."""
    if picture.format == "PNG":
        return str(picture.info["easel"])
    return str(picture.getexif()[_DESCRIPTION]).encode("latin-1").decode()


def read_record(data: bytes) -> tuple[Request, int] | None:
    """The request and the picture's number from a file of Easel's; None from anything else.

    The file may come from anybody: its pixels are not decoded, and a record whose values have
    the wrong types is no record.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as picture:
            values = json.loads(_described(picture))
        number = values["number"]
        request = Request.from_json(values["request"])
    except (KeyError, TypeError, ValueError, OSError, AttributeError, IndexError, SyntaxError):
        return None
    except (Image.DecompressionBombError, RecursionError, struct.error, EOFError, Warning):
        return None
    return (request, number) if type(number) is int and _is_sound(request) else None


def _is_sound(request: Request) -> bool:
    def whole(*values: Any) -> bool:
        return all(type(value) is int and value >= 0 for value in values)

    def number(*values: Any) -> bool:
        return all(type(value) in (int, float) for value in values)

    def flag(*values: Any) -> bool:
        return all(type(value) is bool for value in values)

    def text(*values: Any) -> bool:
        return all(isinstance(value, str) for value in values)

    source, style = request.source, request.style
    painter = request.edit.painter if request.edit is not None else None
    parts: tuple[Part, ...] = request.parts
    return (
        text(
            request.text,
            request.model,
            request.upscaler,
            *request.avoid,
            *(part.text for part in parts),
        )
        and whole(request.width, request.height, request.seed, request.steps, request.count)
        and whole(*request.aspect)
        and number(request.guidance, request.quality, *(part.weight for part in parts))
        and (request.sampler is None or text(request.sampler))
        and flag(request.same_seed, request.draft, request.exact_size, request.tile)
        and flag(request.seed_typed, request.raw)
        and whole(request.chaos, request.stylize, request.weird, request.exp)
        and whole(request.stop, request.clip_skip, request.step)
        and request.step > 0
        and number(request.hires)
        and (style is None or text(style.text, style.name, style.blob or ""))
        and (source is None or (text(source.blob) and number(source.strength)))
        and all(text(one.name) and number(one.weight) for one in request.loras)
        and (painter is None or (text(painter.model) and whole(painter.steps)))
        and (painter is None or (number(painter.guidance) and text(painter.sampler or "")))
    )
