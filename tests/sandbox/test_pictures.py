"""The small readers: picture headers, multipart bodies, file names."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sandbox.pictures import plain_png, size_of
from sandbox.uploads import clean_filename, parse_multipart


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"lossless": False}),
        ("WEBP", {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"}),
    ],
)
def test_sizes_agree_with_pillow(kind: str, more: dict[str, object]) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (321, 123), "teal").save(buffer, kind, **more)
    assert size_of(buffer.getvalue()) == (321, 123)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a"])
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert size_of(data) is None


def test_a_plain_png_is_a_png() -> None:
    image = Image.open(io.BytesIO(plain_png(3, 2, (1, 2, 3))))
    assert (image.size, image.getpixel((2, 1))) == ((3, 2), (1, 2, 3))


def test_file_names() -> None:
    assert clean_filename("../../a b?.png") == "a_b_.png"
    assert clean_filename("C:\\x\\ü.png") == "ü.png"
    assert clean_filename("") == "file"


def test_multipart_with_a_boundary_look_alike() -> None:
    data = b"\r\n--almost\r\n\x00\xff"
    body = (
        b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files[0]"; filename="a.png"\r\n\r\n'
        + data
        + b"\r\n--b--\r\n"
    )
    fields, [file] = parse_multipart('multipart/form-data; boundary="b"', body)
    assert fields == {"payload_json": "{}"}
    assert (file.index, file.filename, file.data) == ("0", "a.png", data)
    with pytest.raises(ValueError, match="cut short"):
        parse_multipart("multipart/form-data; boundary=b", body[:-12])
