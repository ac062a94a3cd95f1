"""Tasks share a device: who is told of what, what is counted, and that nobody waits for ever."""

# pyright: basic
from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.step_times import StepTimes
from core.steps import StepPolicy
from generation.batching import Batcher, ClosedError, Ride, Setting
from generation.parking import Kind, stand_in
from generation.run import StoppedError

LONG = 20
"""Seconds after which a test has failed."""


class PriorTransformer(nn.Module):
    """As diffusers' of the name is called; doubles, and does as it is told by the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.rows: list[int] = []
        self.room = 1000
        self.threads: set[str] = set()

    def forward(self, hidden_states: Tensor, timestep: Any = 0, return_dict: bool = True) -> Any:
        self.threads.add(threading.current_thread().name)
        self.rows.append(len(hidden_states))
        if len(hidden_states) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        if bool((hidden_states < 0).any()):
            raise ValueError("poison")
        times = torch.as_tensor(timestep).expand(len(hidden_states))
        return (hidden_states * self.scale + times[:, None],)


class Stranger(PriorTransformer):
    """One that nobody knows."""

    def forward(self, hidden_states: Tensor, timestep: Any = 0, return_dict: bool = True) -> Any:
        return super().forward(hidden_states, timestep)


class AutoencoderKL(nn.Module):
    """As diffusers' of the name is called; each of its latents is eight pixels."""

    config: dict[str, Any] = {"block_out_channels": (1,) * 4}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.rows: list[int] = []
        self.seen: list[tuple[torch.dtype, bool]] = []
        self.use_slicing = False

    @property
    def dtype(self) -> torch.dtype:
        return self.scale.dtype

    def encode(self, x: Tensor, return_dict: bool = True) -> Any:
        return (x,)

    def decode(self, z: Tensor, return_dict: bool = True, generator: Any = None) -> Any:
        self.rows.append(len(z))
        self.seen.append((z.dtype, self.use_slicing))
        return (z * self.scale,)


class Watched(Batcher):
    """Tells how many calls were parked."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.parked = threading.Semaphore(0)
        super().__init__(*arguments, **named)

    def _put(self, ride: Ride, parked: Any) -> None:
        super()._put(ride, parked)
        for _ in parked:
            self.parked.release()


class Together:
    """Parks calls while the device is held, so that they are looked at all at once."""

    def __init__(self, batcher: Watched) -> None:
        self.batcher = batcher
        self.answers: dict[str, Any] = {}
        self.rides: dict[str, Ride] = {}
        self._calls: dict[str, tuple[Callable[[Ride], Any], Setting | None]] = {}

    def add(self, name: str, call: Callable[[Ride], Any], setting: Setting | None = None) -> None:
        self._calls[name] = (call, setting)

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """What each returned or raised."""
        held, go = threading.Event(), threading.Event()

        def hold() -> None:
            held.set()
            assert go.wait(LONG)

        def ride(name: str, call: Callable[[Ride], Any], setting: Setting | None = None) -> None:
            stop = threading.Event()
            with self.batcher.ride(job=name, owner=name, steps=2, stop=stop) as ride:
                ride.setting = setting
                self.rides[name] = ride
                try:
                    self.answers[name] = call(ride)
                except BaseException as error:
                    self.answers[name] = error

        holder = threading.Thread(target=ride, args=("", lambda ride: ride.run(hold)))
        holder.start()
        assert held.wait(LONG) and self.batcher.parked.acquire(timeout=LONG)
        threads = []
        for name, (call, setting) in self._calls.items():
            threads.append(threading.Thread(target=ride, args=(name, call, setting)))
            threads[-1].start()
            assert self.batcher.parked.acquire(timeout=LONG)
        meanwhile()
        go.set()
        for thread in [holder, *threads]:
            thread.join(LONG)
            assert not thread.is_alive()
        return self.answers


@pytest.fixture
def batcher() -> Iterator[Watched]:
    others = set(threading.enumerate())
    batcher = Watched(StepPolicy(), StepTimes(), torch.device("cpu"))
    yield batcher
    batcher.close()
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name == "device"]


def call(module: nn.Module, *arguments: Any, **named: Any) -> Callable[[Ride], Any]:
    return lambda ride: stand_in(module, "step", ride._park)(*arguments, **named)


def rows(*values: float) -> Tensor:
    return torch.tensor(values)[:, None]


def test_tasks_that_wait_together_share_a_forward_and_get_their_own_rows(batcher: Watched) -> None:
    model = PriorTransformer()
    together = Together(batcher)
    together.add("ann", call(model, rows(1, 2), 10))
    together.add("ben", call(model, rows(3), timestep=torch.tensor(20.5)))
    together.add("cy", call(model, hidden_states=rows(4, 5), timestep=torch.tensor([30, 40])))
    answers = together.run()
    assert model.rows == [5]
    assert answers["ann"][0].flatten().tolist() == [12, 14]
    assert answers["ben"][0].flatten().tolist() == [26.5]
    assert answers["cy"][0].flatten().tolist() == [38, 50]
    assert model.threads == {"device"}
    storages = {answer[0].untyped_storage().data_ptr() for answer in answers.values() if answer}
    assert len(storages) == 3, "a task could write into another's rows"


@pytest.mark.parametrize(
    "other",
    [
        lambda model: call(model, torch.ones(1, 2)),
        lambda model: call(model, rows(1).double()),
        lambda model: call(model, rows(1), return_dict=False),
        lambda model: call(PriorTransformer(), rows(1)),
    ],
    ids=["shape", "dtype", "a plain value", "model"],
)
def test_what_differs_in_more_than_numbers_is_made_by_itself(
    batcher: Watched, other: Callable[[nn.Module], Callable[[Ride], Any]]
) -> None:
    model = PriorTransformer()
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))
    together.add("ben", other(model))
    answers = together.run()
    assert set(model.rows) == {1}
    assert not [one for one in answers.values() if isinstance(one, BaseException)]


def test_a_model_that_nobody_knows_is_called_as_it_was_asked(batcher: Watched) -> None:
    model = Stranger()
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))
    together.add("ben", call(model, rows(2)))
    answers = together.run()
    assert model.rows == [1, 1]
    assert answers["ben"][0].item() == 4


def test_whose_call_fails_is_told_and_nobody_else(batcher: Watched) -> None:
    model = PriorTransformer()
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))
    together.add("eve", call(model, rows(-1)))
    together.add("ben", call(model, rows(2)))
    answers = together.run()
    assert isinstance(answers["eve"], ValueError)
    assert answers["ann"][0].item() == 2
    assert answers["ben"][0].item() == 4


def test_what_does_not_fit_into_memory_is_made_in_halves(batcher: Watched) -> None:
    model = PriorTransformer()
    model.room = 2
    together = Together(batcher)
    together.add("ann", call(model, rows(1, 2), 0))
    together.add("ben", call(model, rows(3, 4, 5, 6, 7), torch.tensor([1, 2, 3, 4, 5])))
    answers = together.run()
    assert answers["ann"][0].flatten().tolist() == [2, 4]
    assert answers["ben"][0].flatten().tolist() == [7, 10, 13, 16, 19]
    assert model.rows[0] == 7
    # What was found not to fit is not tried again.
    model.rows.clear()
    again = Together(batcher)
    for name in "abcd":
        again.add(name, call(model, rows(1), 0))
    again.run()
    assert max(model.rows) <= 2


def test_one_row_that_does_not_fit_fails_its_own_task_alone(batcher: Watched) -> None:
    small, large = PriorTransformer(), PriorTransformer()
    large.room = 0
    together = Together(batcher)
    together.add("ann", call(large, rows(1, 2)))
    together.add("ben", call(small, rows(1)))
    answers = together.run()
    assert isinstance(answers["ann"], torch.OutOfMemoryError)
    assert large.rows == [2, 1]
    assert answers["ben"][0].item() == 2


def test_a_task_that_is_stopped_is_not_waited_for(batcher: Watched) -> None:
    model = PriorTransformer()
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))
    together.add("ben", call(model, rows(2)))
    answers = together.run(meanwhile=lambda: together.rides["ann"].stop.set())
    assert isinstance(answers["ann"], StoppedError)
    assert answers["ben"][0].item() == 4
    assert model.rows == [1]
    with pytest.raises(StoppedError):
        together.rides["ann"]._park(_asked(model))


def _asked(model: nn.Module) -> Any:
    found: list[Any] = []
    stand_in(model, "step", lambda asked: found.append(asked))(rows(1))
    return found[0]


def test_closing_ends_all_that_is_parked(batcher: Watched) -> None:
    model = PriorTransformer()
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))

    def close() -> None:
        # From a thread of its own: it returns when the device is free.
        threading.Thread(target=batcher.close).start()
        while not batcher._closed:
            pass

    answers = together.run(meanwhile=close)
    assert isinstance(answers["ann"], ClosedError)
    with pytest.raises(ClosedError):
        batcher.ride(job="late", owner="late", steps=1, stop=threading.Event())


def test_adapters_are_switched_between_forwards_and_off_at_the_end(batcher: Watched) -> None:
    model = PriorTransformer()
    said: list[str] = []

    def setting(name: str) -> Setting:
        return Setting(name, lambda: said.append(f"+{name}"), lambda: said.append(f"-{name}"))

    together = Together(batcher)
    together.add("ann", call(model, rows(1)), setting("a"))
    together.add("ben", call(model, rows(2)), setting("b"))
    together.add("cy", call(model, rows(3)), setting("a"))
    together.add("dee", call(model, rows(4)))
    together.run()
    assert sorted(model.rows) == [1, 1, 2]
    on: set[str] = set()
    for word in said:
        assert (word[1:] in on) == (word[0] == "-")
        on = {word[1:]} if word[0] == "+" else set()
    assert {"+a", "+b"} <= set(said)


def test_a_setting_that_matters_to_steps_keeps_nobody_from_sharing_the_rest(
    batcher: Watched,
) -> None:
    said: list[str] = []
    kinds: frozenset[Kind] = frozenset({"step"})
    with batcher.ride(job="ann", owner="ann", steps=1, stop=threading.Event()) as ride:
        ride.setting = Setting("a", lambda: said.append("on"), lambda: said.append("off"), kinds)
        assert ride.setting_for("decode") is None
        ride.run(lambda: said.append("decode"), kind="decode")
        ride.run(lambda: said.append("step"))
        ride.run(lambda: said.append("decode"), kind="decode")
    assert said == ["decode", "on", "step", "off", "decode"]


def test_time_is_counted_by_rows() -> None:
    now = [0.0]
    model = PriorTransformer()
    original = model.forward

    def slow(*arguments: Any, **named: Any) -> Any:
        now[0] += 3
        return original(*arguments, **named)

    model.forward = slow
    batcher = Watched(StepPolicy(), StepTimes(), torch.device("cpu"), clock=lambda: now[0])
    together = Together(batcher)
    together.add("ann", call(model, rows(1)))
    together.add("ben", call(model, rows(2, 3)))
    together.run()
    batcher.close()
    assert model.rows == [3]
    assert together.rides["ann"].used_ms == 1000
    assert together.rides["ben"].used_ms == 2000


def test_many_pictures_are_decoded_one_by_one_with_steps_between(batcher: Watched) -> None:
    model, vae = PriorTransformer(), AutoencoderKL()
    latents = torch.randn(3, 4, 128, 128)
    order: list[str] = []
    decode, step = vae.decode, model.forward

    def arrive() -> None:
        with batcher.ride(job="ben", owner="ben", steps=2, stop=threading.Event()) as ride:
            call(model, rows(1))(ride)

    arriving = threading.Thread(target=arrive)

    def first_decode(*arguments: Any, **named: Any) -> Any:
        order.append("decode")
        if len(order) == 1:
            arriving.start()
            # Ann's three pieces, and then Ben's step.
            assert all(batcher.parked.acquire(timeout=LONG) for _ in range(4))
        return decode(*arguments, **named)

    vae.decode = first_decode
    model.forward = lambda *a, **n: order.append("step") or step(*a, **n)
    with batcher.ride(job="ann", owner="ann", steps=2, stop=threading.Event()) as ride:
        ride.progress(20)
        drawn = stand_in(vae, "step", ride._park).decode(latents, return_dict=False)[0]
    arriving.join(LONG)
    assert order == ["decode", "step", "decode", "decode"]
    assert torch.equal(drawn, latents)


def test_small_pictures_are_decoded_at_once_in_company_too(batcher: Watched) -> None:
    vae = AutoencoderKL()
    latents = torch.randn(3, 4, 8, 8)
    together = Together(batcher)
    for name, some in (("ann", latents), ("ben", latents[:2])):
        together.add(name, partial(_decoded, vae, some))
    answers = together.run()
    assert vae.rows == [5]
    assert torch.equal(answers["ann"][0], latents)
    assert torch.equal(answers["ben"][0], latents[:2])


def _decoded(vae: AutoencoderKL, latents: Tensor, ride: Ride) -> Any:
    return stand_in(vae, "step", ride._park).decode(latents)


def test_switches_and_dtypes_of_a_shared_model_are_the_tasks_own(batcher: Watched) -> None:
    vae = AutoencoderKL().to(torch.float16)
    latents = torch.ones(1, 4, 8, 8, dtype=torch.float16)
    with batcher.ride(job="ann", owner="ann", steps=1, stop=threading.Event()) as ride:
        own = stand_in(vae, "step", ride._park)
        own.use_slicing = True
        own.decode(latents)
        assert vae.seen.pop() == (torch.float16, True)
        own.use_slicing = False
        own.to(dtype=torch.float32)
        assert own.decode(latents)[0].dtype is torch.float32
        assert vae.dtype is torch.float16 and not vae.use_slicing
        own.to(dtype=torch.float16)
        assert own.decode(latents)[0].dtype is torch.float16
        assert vae.seen[-1] == (torch.float16, False)


def test_what_runs_on_the_device_may_call_models_itself(batcher: Watched) -> None:
    model = PriorTransformer()
    with batcher.ride(job="ann", owner="ann", steps=1, stop=threading.Event()) as ride:
        own = stand_in(model, "step", ride._park)
        assert ride.run(lambda: own(rows(4)))[0].item() == 8
        assert not ride.run(torch.is_grad_enabled)
        with pytest.raises(ZeroDivisionError):
            ride.run(lambda: 1 / 0)


def test_nothing_of_a_call_is_kept(batcher: Watched) -> None:
    model = PriorTransformer()
    given, failing = rows(1), rows(-1)
    kept = [weakref.ref(given), weakref.ref(failing)]
    with batcher.ride(job="ann", owner="ann", steps=1, stop=threading.Event()) as ride:
        own = stand_in(model, "step", ride._park)
        answer = own(given)[0]
        kept.append(weakref.ref(answer))
        with pytest.raises(ValueError, match="poison"):
            own(failing)
        own(rows(5))
        del given, failing, answer
        gc.collect()
        assert [one() for one in kept] == [None] * 3
