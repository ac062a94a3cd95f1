"""Answers questions about what a model makes of words, beside the tasks and between their steps."""

# pyright: basic
from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from torch import Tensor

from core.errors import EaselError, EngineError, OutOfMemoryError
from core.events import Answer, Ask, Inquiry
from core.models import Model
from core.request import Request
from core.sentences import say
from core.weights import parts
from generation.adapters import adapters_worn
from generation.batching import Batcher, Ride
from generation.conditioning import conditioning
from generation.describing import Describer
from generation.embeddings import Embeddings
from generation.faults import is_out_of_memory
from generation.models import Loaded
from generation.pipeline_call import call_arguments
from generation.run import StoppedError
from generation.stages import attach

log = logging.getLogger(__name__)

STEPS = 3
"""Of a draft that is compared with another. What a word changes is seen in the first steps."""

SMALL = 256
"""Pixels; models with a larger side of their own are asked at half of it."""

Borrow = Callable[[str, threading.Event], Loaded]


class Inquiries:
    """For one thread at a time. `borrow` loads a model if it must, and raises StoppedError."""

    def __init__(
        self,
        borrow: Borrow,
        give_back: Callable[[Loaded], None],
        batcher: Batcher,
        describer: Describer,
        embeddings: Embeddings,
    ) -> None:
        self._borrow = borrow
        self._give_back = give_back
        self._batcher = batcher
        self._describer = describer
        self._embeddings = embeddings

    def answer(self, question: Ask, left: float) -> Answer:
        """Within `left` seconds. Raises nothing."""
        stop = threading.Event()
        bell = threading.Timer(left, stop.set)
        bell.daemon = True
        bell.start()
        try:
            if question.inquiry is Inquiry.CAPTION:
                return self._captions(question, stop)
            if question.inquiry is Inquiry.LOOK:
                return self._look(question, stop)
            return Answer(id=question.id, numbers=tuple(self._worth(question, stop)))
        # The libraries under a pipeline raise anything; a question must not take the worker down.
        except Exception as error:
            return Answer(id=question.id, sentence=_sentence(error))
        finally:
            bell.cancel()

    def _worth(self, question: Ask, stop: threading.Event) -> list[float]:
        """How far apart the drafts of the first text and of each other one are.

        They begin with the same noise. Drafts are compared and not the encoders' output, because
        of two texts with a word more or less every token stands in another place, which moves it
        farther than most words do, and means nothing to the picture.
        """
        request = question.request
        assert request is not None
        loaded = self._borrow(request.model, stop)
        try:
            with self._pipeline(question, loaded, stop) as pipeline:
                drafts = _drafts(pipeline, loaded.model, request, question.texts)
                first = next(drafts)
                return [float((draft - first).norm()) for draft in drafts]
        finally:
            self._give_back(loaded)

    def _captions(self, question: Ask, stop: threading.Event) -> Answer:
        with self._ride(question, stop) as ride:
            texts, note, varies = self._describer.describe(question.picture, ride.run)
        return Answer(id=question.id, texts=tuple(texts), note=note, varies=varies)

    def _look(self, question: Ask, stop: threading.Event) -> Answer:
        with self._ride(question, stop) as ride:
            vector = self._embeddings.of(question.picture, ride.run)
        return Answer(id=question.id, numbers=tuple(vector))

    def _ride(self, question: Ask, stop: threading.Event) -> Ride:
        return self._batcher.ride(
            job=f"question {question.id}", owner=question.owner, stop=stop, steps=STEPS
        )

    @contextmanager
    def _pipeline(self, question: Ask, loaded: Loaded, stop: threading.Event) -> Iterator[Any]:
        request = question.request
        assert request is not None
        with self._ride(question, stop) as ride, adapters_worn(request, loaded, ride) as worn:
            pipeline = loaded.pipeline(from_picture=False)
            try:
                attach(pipeline, loaded, ride, worn)
                yield pipeline
            finally:
                # It refers to itself, and would keep the model until somebody looks for circles.
                vars(pipeline.scheduler).clear()
                vars(pipeline).clear()


def _drafts(
    pipeline: Any, model: Model, request: Request, texts: Iterable[str]
) -> Iterator[Tensor]:
    """The latents of a small, unguided draft of each text."""
    scale = 1.0 if model.native_size <= SMALL else 0.5
    width, height = model.size(request.aspect, scale=scale)
    for text in texts:
        one = replace(
            request,
            text=text,
            parts=tuple(part for part in parts(text)[0] if part.weight > 0),
            avoid=(),
            width=width,
            height=height,
            steps=max(STEPS, model.min_steps),
            count=1,
            guidance=min(1.0, model.guidance) if model.family != "flux" else model.guidance,
            source=None,
            edit=None,
            hires=1.0,
            chaos=0,
            weird=0,
            exp=0,
        )
        words = conditioning(pipeline, one, distilled=True)
        arguments = call_arguments(pipeline, one, words, range(1)) | {"output_type": "latent"}
        yield pipeline(**arguments).images.float()


def _sentence(error: Exception) -> str:
    if isinstance(error, StoppedError):
        return say("The model took too long to look at that; ask again when it is less busy.")
    if isinstance(error, EaselError):
        return error.sentence
    if is_out_of_memory(error):
        return OutOfMemoryError().sentence
    log.error("a question was not answered", exc_info=error)
    return EngineError().sentence
