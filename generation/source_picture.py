"""The pictures that a request brings along: what it starts from, and what gives it its style."""

from __future__ import annotations

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import EngineError
from core.sentences import Sentence, say
from generation.quiet import quiet

MOST_PIXELS = 50_000_000
"""Larger files are refused before they are decoded."""

_FORMATS = ("PNG", "JPEG", "WEBP")


class SourcePictureError(EngineError):
    """The picture to start from cannot be used; nothing was charged."""


def open_source(path: str, width: int, height: int) -> Image.Image:
    """The picture that an image-to-image request starts from; see `_opened`."""
    return _opened(path, width, height, say("picture to start from"))


def open_whole(path: str) -> Image.Image:
    """The same in its own size."""
    return _opened(path, None, None, say("picture to start from"))


def open_style(path: str, width: int, height: int) -> Image.Image:
    """The picture of a style; see `_opened`."""
    return _opened(path, width, height, say("picture of this style"))


def open_mask(path: str, width: int, height: int) -> Image.Image:
    """The mask of a region, black and white, scaled as the picture is; see `_opened`."""
    mask = _opened(path, width, height, say("mask"), ground="black")
    return mask.convert("L").point([0] * 128 + [255] * 128)


def _opened(
    path: str,
    width: int | None,
    height: int | None,
    what: Sentence,
    ground: str = "white",
) -> Image.Image:
    """The picture as RGB, upright, scaled to cover width x height pixels and cropped to it, or left
    as large as it is.

    Transparent parts become the colour `ground`; of an animation, the first frame is taken. Raises
    SourcePictureError with a sentence; the file may be anybody's.
    """
    try:
        # Ours is the limit that counts, and it is an error.
        with quiet(Image.DecompressionBombWarning):
            opened = Image.open(path, formats=_FORMATS)
        with opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise SourcePictureError(
                    say(
                        "The {what} has {width} x {height} pixels; at most {most} megapixels "
                        "can be read. Nothing was charged.",
                        what=what,
                        width=opened.width,
                        height=opened.height,
                        most=MOST_PIXELS // 1_000_000,
                    )
                )
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except FileNotFoundError:
        raise SourcePictureError(
            say("The {what} is no longer there; nothing was charged.", what=what)
        ) from None
    except UnidentifiedImageError:
        raise SourcePictureError(
            say("The {what} is not a PNG, JPEG or WebP file; nothing was charged.", what=what)
        ) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SourcePictureError(
            say("The {what} is damaged and cannot be read; nothing was charged.", what=what)
        ) from error
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, ground), upright)
    picture = upright.convert("RGB")
    if width is None or height is None:
        return picture
    return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
