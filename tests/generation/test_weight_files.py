"""What files of weights say of themselves."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from generation.weight_files import is_whole, numbers_in, of_variant


def weights(file: Path, *shapes: tuple[int, ...]) -> Path:
    """A file in the safetensors format, with float16 zeros."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for number, shape in enumerate(shapes):
        begin = end
        end += 2 * int.__mul__(*shape) if len(shape) == 2 else 2
        header[f"w{number}"] = {"dtype": "F16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))
    return file


def test_numbers_are_counted_over_the_files_of_the_variant(tmp_path: Path) -> None:
    plain = weights(tmp_path / "model.safetensors", (10, 10), ())
    halves = [
        weights(tmp_path / f"model.fp16-0000{number}-of-00002.safetensors", (2, 3))
        for number in (1, 2)
    ]
    assert of_variant([plain, *halves], None) == [plain]
    assert of_variant([plain, *halves], "fp16") == halves
    assert numbers_in(tmp_path, None) == 101
    assert numbers_in(tmp_path, "fp16") == 12
    assert numbers_in(tmp_path / "nothing", None) == 0


def test_what_is_cut_short_has_no_numbers(tmp_path: Path) -> None:
    file = weights(tmp_path / "model.safetensors", (10, 10))
    assert is_whole(file)
    file.write_bytes(file.read_bytes()[:-1])
    assert not is_whole(file)
    assert numbers_in(tmp_path, None) == 0
    file.write_bytes(b"\xff" * 8)
    assert not is_whole(file)
