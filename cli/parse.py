"""`easel parse`: what was understood of a prompt; nothing is made and nothing is stored."""

from __future__ import annotations

import argparse
import json
import random

from cli.assemble import read_catalogue
from core.compose import Limits, compose, render
from core.errors import PromptError
from core.prompt import parse as read
from core.settings import Settings


async def parse(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = read_catalogue(settings)
    limits = Limits(max_megapixels=settings.max_megapixels)
    try:
        prompt = read(options.prompt)
        request = compose(prompt, catalogue, limits, random.SystemRandom(), typed=options.prompt)
    except PromptError as error:
        if not options.json:
            raise
        problems = [{"what": problem.what, "mend": problem.mend} for problem in error.problems]
        print(json.dumps({"problems": problems, "mended": error.mended}, ensure_ascii=False))
        return 1
    line = render(request, catalogue.get(request.model), seed=False)
    if options.json:
        print(json.dumps({"line": line, **request.to_json()}, ensure_ascii=False))
        return 0
    print(line)
    for part in request.parts if len(request.parts) > 1 else ():
        print(f"  part      {part.text}  ×{part.weight:g}")
    if request.avoid:
        print(f"  keep out  {', '.join(request.avoid)}")
    print(f"  model     {request.model}")
    print(f"  size      {request.width}×{request.height}, {request.count} pictures")
    print(f"  seed      {request.seed if request.seed_typed else 'random'}")
    print(f"  steps     {request.steps}, guidance {request.guidance:g}")
    print(f"  sampler   {request.sampler or 'the model’s own'}")
    print(f"  lane      {request.lane}, {request.visibility}")
    return 0
