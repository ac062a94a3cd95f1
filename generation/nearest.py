"""The program that holds looks and finds near ones: `generation.neighbours` starts it.

    python -m generation.nearest

A question is a letter, the length of what follows, and that; an answer is a count and as many
64-bit numbers. All numbers are little-endian. The end of the input ends the program: it keeps
nothing.
"""

# pyright: basic
from __future__ import annotations

import sys
from collections.abc import Callable
from typing import BinaryIO, ClassVar

import numpy

from generation.near_wire import COUNT, HEAD, LOOKS, NEAR, RANGE, Op
from generation.sketches import Sketches, distances

_NONE = numpy.empty(0, numpy.int64)


class Answers:
    def __init__(self) -> None:
        self._sketches = Sketches()

    def to(self, op: Op, data: bytes) -> numpy.ndarray:
        return self._answers[op](self, data)

    def _add(self, data: bytes) -> numpy.ndarray:
        self._sketches.add(*_looks(data))
        return _NONE

    def _near(self, data: bytes) -> numpy.ndarray:
        (most,) = NEAR.unpack_from(data)
        return self._sketches.near(numpy.frombuffer(data, numpy.int8, offset=NEAR.size), most)

    def _rank(self, data: bytes) -> numpy.ndarray:
        """The first of the looks is the one that the others are ranked by."""
        ids, looks = _looks(data)
        return ids[1:][numpy.lexsort((ids[1:], distances(looks[0], looks[1:])))]

    def _check(self, data: bytes) -> numpy.ndarray:
        after, upto = RANGE.unpack_from(data)
        return self._sketches.check(after, upto, numpy.frombuffer(data, "<i8", offset=RANGE.size))

    def _count(self, data: bytes) -> numpy.ndarray:
        return numpy.array([len(self._sketches)], numpy.int64)

    def _empty(self, data: bytes) -> numpy.ndarray:
        self._sketches = Sketches()
        return _NONE

    _answers: ClassVar[dict[Op, Callable[[Answers, bytes], numpy.ndarray]]] = {
        Op.ADD: _add,
        Op.NEAR: _near,
        Op.RANK: _rank,
        Op.CHECK: _check,
        Op.COUNT: _count,
        Op.EMPTY: _empty,
    }


def _looks(data: bytes) -> tuple[numpy.ndarray, numpy.ndarray]:
    (count,) = LOOKS.unpack_from(data)
    ids = numpy.frombuffer(data, "<i8", count, LOOKS.size)
    looks = numpy.frombuffer(data, numpy.int8, offset=LOOKS.size + ids.nbytes)
    return ids, looks.reshape(count, -1)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    held = Answers()
    while len(head := questions.read(HEAD.size)) == HEAD.size:
        op, length = HEAD.unpack(head)
        found = held.to(Op(op), questions.read(length))
        answers.write(COUNT.pack(len(found)) + found.astype("<i8").tobytes())
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
