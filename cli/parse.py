"""`easel parse`: what was understood of a prompt; nothing is made and nothing is stored."""

from __future__ import annotations

import argparse
import json
import random
from typing import Any

from cli.assemble import read_catalogue
from core.compose import Limits, render
from core.errors import PromptError
from core.jobs import MOST_IN_A_SET
from core.models import Catalogue
from core.orders import Customs, Reading
from core.request import Request
from core.settings import Settings


async def parse(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = read_catalogue(settings)
    limits = Limits(max_megapixels=settings.max_megapixels)
    reading = Reading(catalogue, limits, random.SystemRandom())
    try:
        order = reading.read(options.prompt, Customs(most=MOST_IN_A_SET))
    except PromptError as error:
        if not options.json:
            raise
        problems = [{"what": problem.what, "mend": problem.mend} for problem in error.problems]
        print(json.dumps({"problems": problems, "mended": error.mended}, ensure_ascii=False))
        return 1
    first, *others = order.requests
    if options.json:
        found: dict[str, Any] = _plain(first, catalogue)
        if others:
            found = {"jobs": [_plain(request, catalogue) for request in order.requests]}
        print(json.dumps(found, ensure_ascii=False))
    elif others:
        print(f"{len(order.requests)} jobs")
        for request in order.requests:
            print(f"  {_line(request, catalogue)}")
    else:
        _tell(first, catalogue)
    return 0


def _line(request: Request, catalogue: Catalogue) -> str:
    return render(request, catalogue.get(request.model), seed=False)


def _plain(request: Request, catalogue: Catalogue) -> dict[str, Any]:
    return {"line": _line(request, catalogue), **request.to_json()}


def _tell(request: Request, catalogue: Catalogue) -> None:
    print(_line(request, catalogue))
    for part in request.parts if len(request.parts) > 1 else ():
        print(f"  part      {part.text}  ×{part.weight:g}")
    if request.avoid:
        print(f"  keep out  {', '.join(request.avoid)}")
    print(f"  model     {request.model}")
    width, height = request.size
    print(f"  size      {width}×{height}, {request.count} pictures")
    print(f"  seed      {request.seed if request.seed_typed else 'random'}")
    print(f"  steps     {request.steps}, guidance {request.guidance:g}")
    print(f"  sampler   {request.sampler or 'the model’s own'}")
    print(f"  lane      {request.lane}, {request.visibility}")
