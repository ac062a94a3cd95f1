"""Looks held for a search: all of them while they are few, and a sketch of each once they are many.

A sketch says on which side of 256 planes through the middle of all looks one lies. Two looks that
are near each other lie on the same side of most planes, so a million sketches, 32 MB, are counted
through in some ten milliseconds where the looks themselves would take hundreds of megabytes. What
sketches give is not quite the nearest ones: whoever asks takes many and looks at those again.
"""

# pyright: basic
from __future__ import annotations

import numpy

FEW = 65_536
"""Looks that are compared themselves; from then on their middle is known well enough."""

BITS = 256
_WORDS = BITS // 64
_BLOCK = 65_536


class _Block:
    """Up to _BLOCK sketches, by words of 64 bits. A number of -1 is that of one that went."""

    def __init__(self) -> None:
        self.ids = numpy.full(_BLOCK, -1, numpy.int64)
        self.sketches = numpy.zeros((_WORDS, _BLOCK), numpy.uint64)
        self.used = 0

    def near(self, sketch: numpy.ndarray) -> numpy.ndarray:
        """On how many planes each lies on the other side."""
        far = numpy.zeros(self.used, numpy.uint16)
        for mine, one in zip(self.sketches, sketch, strict=True):
            far += numpy.bitwise_count(mine[: self.used] ^ one)
        return far


class Sketches:
    """Looks of one dimension, numbered; ids are 64-bit and above -1."""

    def __init__(self) -> None:
        self._ids = numpy.empty(0, numpy.int64)
        self._looks: numpy.ndarray | None = None
        """While they are few; row by row with `_ids`."""
        self._blocks: list[_Block] = []
        self._middle = numpy.empty(0, numpy.float32)
        self._planes = numpy.empty((0, BITS), numpy.float32)

    def __len__(self) -> int:
        return len(self._ids) + sum(
            int(numpy.count_nonzero(b.ids[: b.used] >= 0)) for b in self._blocks
        )

    def add(self, ids: numpy.ndarray, looks: numpy.ndarray) -> None:
        new = ~self._held(ids)
        ids, looks = ids[new], looks[new]
        if self._blocks:
            self._sketch(ids, looks)
            return
        self._ids = numpy.concatenate([self._ids, ids])
        self._looks = looks if self._looks is None else numpy.concatenate([self._looks, looks])
        if len(self._ids) > FEW:
            self._begin_sketching()

    def near(self, look: numpy.ndarray, most: int) -> numpy.ndarray:
        """Numbers of about `most`, at most twice as many, the nearest among them; all if there
        are no more."""
        if not self._blocks:
            if self._looks is None:
                return self._ids
            return self._ids[_first(distances(look, self._looks), self._ids, most)]
        (sketch,) = self._sketches_of(look[None])
        far = numpy.concatenate([block.near(sketch) for block in self._blocks])
        upto = numpy.cumsum(numpy.bincount(far, minlength=BITS + 1))
        ids = numpy.concatenate([block.ids[: block.used] for block in self._blocks])
        found = numpy.flatnonzero(far <= numpy.searchsorted(upto, most))
        found = found[ids[found] >= 0]
        if len(found) > 2 * most:
            found = found[_first(far[found], ids[found], most)]
        return ids[found]

    def check(self, after: int, upto: int, ids: numpy.ndarray) -> numpy.ndarray:
        """Drops all with numbers above `after` up to `upto` but those; returns those of them that
        are not held."""
        missing = ids[~self._held(ids)]
        stays = ~((self._ids > after) & (self._ids <= upto)) | numpy.isin(self._ids, ids)
        self._ids = self._ids[stays]
        if self._looks is not None:
            self._looks = self._looks[stays]
        for block in self._blocks:
            within = (block.ids > after) & (block.ids <= upto)
            if within.any():
                gone = within & ~numpy.isin(block.ids, ids)
                block.ids[gone] = -1
                block.sketches[:, gone] = 0
        return missing

    def _held(self, ids: numpy.ndarray) -> numpy.ndarray:
        held = numpy.isin(ids, self._ids)
        if len(ids):
            low = ids.min()
            for block in self._blocks:
                if block.ids[: block.used].max(initial=-1) >= low:
                    held |= numpy.isin(ids, block.ids[: block.used])
        return held

    def _begin_sketching(self) -> None:
        assert self._looks is not None
        self._middle = self._looks.mean(axis=0, dtype=numpy.float32)
        dimension = self._looks.shape[1]
        self._planes = (
            numpy.random.default_rng(1).standard_normal((dimension, BITS)).astype(numpy.float32)
        )
        self._sketch(self._ids, self._looks)
        self._ids, self._looks = numpy.empty(0, numpy.int64), None

    def _sketch(self, ids: numpy.ndarray, looks: numpy.ndarray) -> None:
        while len(ids):
            if not self._blocks or self._blocks[-1].used == _BLOCK:
                self._blocks.append(_Block())
            block = self._blocks[-1]
            begin, end = block.used, min(_BLOCK, block.used + len(ids))
            count = end - begin
            block.ids[begin:end] = ids[:count]
            block.sketches[:, begin:end] = self._sketches_of(looks[:count]).T
            block.used = end
            ids, looks = ids[count:], looks[count:]

    def _sketches_of(self, looks: numpy.ndarray) -> numpy.ndarray:
        sides = (looks.astype(numpy.float32) - self._middle) @ self._planes > 0
        return numpy.packbits(sides, axis=1).view(numpy.uint64)


def distances(look: numpy.ndarray, looks: numpy.ndarray) -> numpy.ndarray:
    """The squares of the distances; whole numbers, which are exact below 2**24. Raises ValueError
    for a look of another dimension."""
    if look.shape != looks.shape[1:]:
        raise ValueError(f"a look of {look.shape} numbers among those of {looks.shape[1:]}")
    apart = looks.astype(numpy.float32) - look.astype(numpy.float32)
    return numpy.einsum("ij,ij->i", apart, apart)


def _first(far: numpy.ndarray, ids: numpy.ndarray, most: int) -> numpy.ndarray:
    """Where the nearest stand, the older first among equally near ones."""
    return numpy.lexsort((ids, far))[:most]
