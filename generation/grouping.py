"""Calls of a model: which may be made as one, and how they are joined."""

# pyright: basic
from __future__ import annotations

import hashlib
import itertools
import weakref
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from generation.call_shapes import CallShape, Role, shape_of

_serials = itertools.count()
_serial_of: weakref.WeakKeyDictionary[nn.Module, int] = weakref.WeakKeyDictionary()


NO_LIMIT = 1 << 30


class UnfitError(Exception):
    """A call or an answer that is not understood well enough to be shared."""


class Size(NamedTuple):
    """What decides how long a row takes. `model` is a number that no other model has, `name` such
    as `UNet2DConditionModel.forward`, `shape` that of a row, and what comes with it."""

    model: int
    name: str
    shape: Hashable


@dataclass(frozen=True, slots=True)
class Key:
    """What calls must have in common to be made as one."""

    size: Size
    signature: Hashable
    most: int = NO_LIMIT
    """Rows that may be made at once."""


def by_itself(key: Key) -> Key:
    """One that no other call has."""
    return replace(key, signature=_alone())


def _alone() -> Hashable:
    return ("alone", next(_serials))


def serial_of(module: nn.Module) -> int:
    """The same as long as the module lives, and never another's."""
    found = _serial_of.get(module)
    return _serial_of.setdefault(module, next(_serials)) if found is None else found


@dataclass(slots=True, eq=False)
class Call:
    """A call of `method` of `module`, on `rows` rows.

    `shape` is None where it has to be made by itself, as it was asked for.
    """

    module: Any
    method: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    shape: CallShape | None
    values: dict[str, Any]
    rows: int
    key: Key

    @classmethod
    def read(
        cls,
        module: Any,
        method: str,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
        state: Hashable = None,
    ) -> Call:
        """`state` is what else has to be the same for calls that are made as one."""
        kind = type(getattr(module, "_orig_mod", module))
        shape = shape_of(kind, method)
        values: dict[str, Any] = {}
        rows = 0
        signature: Hashable = None
        if shape is not None:
            values = dict(zip(shape.order, arguments, strict=False)) | named
            values = {name: value for name, value in values.items() if value is not None}
            try:
                rows = _count(values.get(shape.rows))
                signature = _signature(shape, values, rows)
            except UnfitError:
                shape = None
        if shape is None:
            given = (*arguments, *named.values())
            rows = _first_rows(given)
            signature = _alone()
            outline: Hashable = _outline(given)
        else:
            outline = (_row_shape(values[shape.rows]), tuple(sorted(values)))
        size = Size(serial_of(module), f"{kind.__name__}.{method}", outline)
        key = Key(size, (signature, state))
        return cls(module, method, arguments, named, shape, values, rows or 1, key)

    def part(self, begin: int, end: int) -> Call:
        """The same for some of the rows."""
        assert self.shape is not None
        values = {
            name: _part(self.shape.roles[name], value, begin, end)
            for name, value in self.values.items()
        }
        return Call(self.module, self.method, (), values, self.shape, values, end - begin, self.key)


# Reading


def _count(value: Any) -> int:
    if isinstance(value, Tensor) and value.ndim:
        return len(value)
    if isinstance(value, list) and value:
        return len(value)
    raise UnfitError


def _first_rows(values: Sequence[Any]) -> int:
    for value in values:
        if isinstance(value, Tensor) and value.ndim:
            return len(value)
        if isinstance(value, list | tuple) and value and isinstance(value[0], Tensor):
            return len(value)
    return 0


def _outline(values: Sequence[Any]) -> Hashable:
    """Enough to tell how long a call takes: shapes."""
    return tuple(tuple(one.shape[1:]) for one in values if isinstance(one, Tensor))


def _row_shape(value: Any) -> Hashable:
    return tuple(value[0].shape)


def _signature(shape: CallShape, values: dict[str, Any], rows: int) -> Hashable:
    parts = []
    for name in sorted(values):
        role = shape.roles.get(name)
        if role is None:
            raise UnfitError(name)
        if role is not Role.UNUSED:
            parts.append((name, _look(shape, name, role, values[name], rows)))
    return tuple(parts)


def _look(shape: CallShape, name: str, role: Role, value: Any, rows: int) -> Hashable:
    match role:
        case Role.ROWS:
            return _rows_outline(value, rows)
        case Role.TIME:
            return _time_outline(value, rows, mix=shape.times_mix)
        case Role.EACH:
            if not isinstance(value, list) or len(value) != rows:
                raise UnfitError(name)
            skip = 1 if name in shape.lengths_differ else 0
            outlines = {_each_outline(one, skip) for one in value}
            if len(outlines) != 1:
                raise UnfitError(name)
            return outlines.pop()
        case Role.EACH_ALIKE:
            if not isinstance(value, list) or len(value) != rows:
                raise UnfitError(name)
            kinds = {frozen(one) for one in value}
            if len(kinds) != 1:
                raise UnfitError(name)
            return kinds.pop()
        case Role.ALIKE:
            if not isinstance(value, Tensor):
                raise UnfitError(name)
            return print_of(value)
        case Role.ROWS_ALIKE:
            if not isinstance(value, Tensor) or len(value) != rows:
                raise UnfitError(name)
            return print_of(value, first=True)
        case _:
            return frozen(value)


def _rows_outline(value: Any, rows: int) -> Hashable:
    if isinstance(value, Tensor):
        if not value.ndim or len(value) != rows:
            raise UnfitError
        return (value.shape[1:], value.dtype, value.device)
    if isinstance(value, list | tuple):
        return tuple(_rows_outline(one, rows) for one in value)
    if isinstance(value, dict):
        return tuple((key, _rows_outline(value[key], rows)) for key in sorted(value))
    raise UnfitError


def _each_outline(value: Any, skip: int) -> Hashable:
    if not isinstance(value, Tensor):
        raise UnfitError
    return (value.shape[skip:], value.dtype, value.device)


def _time_outline(value: Any, rows: int, *, mix: bool) -> Hashable:
    if isinstance(value, bool):
        raise UnfitError
    if isinstance(value, int | float):
        return None if mix else type(value).__name__
    if not isinstance(value, Tensor) or value.ndim > 1 or value.numel() not in (1, rows):
        raise UnfitError
    return None if mix and value.dtype in _TIMES else value.dtype


_TIMES = (torch.int64, torch.int32, torch.float32, torch.float64)


def frozen(value: Any) -> Hashable:
    """A value without tensors, to compare by. Raises UnfitError."""
    if isinstance(value, dict):
        return tuple((key, frozen(value[key])) for key in sorted(value))
    if isinstance(value, list | tuple):
        return tuple(frozen(one) for one in value)
    if value is None or isinstance(value, bool | int | float | str | torch.dtype | torch.Size):
        return (type(value).__name__, value)
    raise UnfitError(type(value).__name__)


_prints: dict[int, tuple[weakref.ref[Tensor], int, Hashable]] = {}


def print_of(tensor: Tensor, *, first: bool = False) -> Hashable:
    """What a tensor holds, to compare by; of its first row only, if so, where all are the same.

    A pipeline hands on the same tensor in every step: it is read once, since reading it from a
    GPU waits for all that the GPU has to do.
    """
    known = _prints.get(id(tensor))
    if known is not None and known[0]() is tensor and known[1] == tensor._version:
        return known[2]
    whole = tensor.detach().cpu()
    if first:
        if not bool((whole == whole[:1]).all()):
            raise UnfitError
        whole = whole[0]
    numbers = whole.flatten().double().numpy().tobytes()
    digest = hashlib.blake2b(numbers, digest_size=16).digest()
    kept = (tuple(whole.shape), tensor.dtype, tensor.device, digest)
    place = id(tensor)
    _prints[place] = (
        weakref.ref(tensor, lambda gone: _forget(place, gone)),
        tensor._version,
        kept,
    )
    return kept


def _forget(place: int, gone: weakref.ref[Tensor]) -> None:
    known = _prints.get(place)
    if known is not None and known[0] is gone:
        del _prints[place]


# Joining


def merged(calls: Sequence[Call]) -> dict[str, Any]:
    """The arguments, by name, of one call for all of them; they have one key."""
    shape = calls[0].shape
    assert shape is not None
    rows = [call.rows for call in calls]
    found: dict[str, Any] = {}
    for name, first in calls[0].values.items():
        values: list[Any] = [call.values.get(name) for call in calls]
        match shape.roles[name]:
            case Role.ROWS | Role.ROWS_ALIKE:
                found[name] = _together(values)
            case Role.TIME:
                found[name] = _times(values, rows, calls[0].values[shape.rows].device)
            case Role.EACH | Role.EACH_ALIKE:
                found[name] = [one for value in values for one in value]
            case Role.UNUSED:
                continue
            case _:
                found[name] = first
    return found


def _together(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, Tensor):
        return torch.cat(values)
    if isinstance(first, dict):
        return {key: _together([value[key] for value in values]) for key in first}
    return type(first)(_together(list(several)) for several in zip(*values, strict=True))


def _times(values: Sequence[Any], rows: Sequence[int], device: torch.device) -> Tensor:
    tensors = [_time(value) for value in values]
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    found = torch.cat(
        [
            tensor.to(dtype).reshape(-1).expand(count)
            for tensor, count in zip(tensors, rows, strict=True)
        ]
    )
    return found.to(device)


def _time(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    # As the models themselves do it.
    return torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else torch.int64)


def _part(role: Role, value: Any, begin: int, end: int) -> Any:
    match role:
        case Role.ROWS | Role.ROWS_ALIKE:
            return _rows(value, begin, end)
        case Role.TIME if isinstance(value, Tensor) and value.numel() > 1:
            return value[begin:end]
        case Role.EACH | Role.EACH_ALIKE:
            return value[begin:end]
    return value


def _rows(value: Any, begin: int, end: int) -> Any:
    if isinstance(value, Tensor):
        return value[begin:end]
    if isinstance(value, dict):
        return {key: _rows(one, begin, end) for key, one in value.items()}
    return type(value)(_rows(one, begin, end) for one in value)
