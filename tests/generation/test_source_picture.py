from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from generation import source_picture
from generation.source_picture import SourcePictureError, open_source


def saved(path: Path, picture: Image.Image, kind: str, **options: object) -> str:
    picture.save(path, kind, **options)
    return str(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_formats_people_upload_are_read(tmp_path: Path, kind: str):
    path = saved(tmp_path / "picture", Image.new("RGB", (40, 40), (200, 30, 30)), kind)
    picture = open_source(path, 16, 16)
    assert (picture.mode, picture.size) == ("RGB", (16, 16))
    assert abs(picture.getpixel((8, 8))[0] - 200) < 8


def test_it_covers_the_wanted_shape_and_loses_the_rest(tmp_path: Path):
    wide = Image.new("RGB", (90, 30), "blue")
    wide.paste("red", (30, 0, 60, 30))
    picture = open_source(saved(tmp_path / "a.png", wide, "PNG"), 24, 24)
    assert picture.getpixel((1, 12)) == picture.getpixel((22, 12)) == (255, 0, 0)


def test_transparency_becomes_white(tmp_path: Path):
    path = saved(tmp_path / "a.png", Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")
    assert open_source(path, 8, 8).getpixel((4, 4)) == (255, 255, 255)


def test_a_photograph_is_turned_upright(tmp_path: Path):
    sideways = Image.new("RGB", (40, 20), "blue")
    sideways.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "a.png", sideways, "PNG", exif=exif)
    picture = open_source(path, 20, 40)
    assert picture.getpixel((10, 5)) == (255, 0, 0)
    assert picture.getpixel((10, 35)) == (0, 0, 255)


def test_other_formats_are_refused(tmp_path: Path):
    path = saved(tmp_path / "a.png", Image.new("RGB", (8, 8)), "TIFF")
    with pytest.raises(SourcePictureError, match="not a PNG, JPEG or WebP"):
        open_source(path, 8, 8)


def test_a_file_that_is_gone_is_said(tmp_path: Path):
    with pytest.raises(SourcePictureError, match="no longer there"):
        open_source(str(tmp_path / "gone.png"), 8, 8)


def test_a_cut_file_is_said(tmp_path: Path):
    file = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(file, "PNG")
    path = tmp_path / "cut.png"
    path.write_bytes(file.getvalue()[:900])
    with pytest.raises(SourcePictureError, match="damaged"):
        open_source(str(path), 8, 8)


def test_a_huge_picture_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(source_picture, "MOST_PIXELS", 1_000_000)
    path = saved(tmp_path / "a.png", Image.new("1", (1001, 1000)), "PNG")
    with pytest.raises(SourcePictureError, match="1001 x 1000 pixels; at most 1 megapixels"):
        open_source(path, 8, 8)
