"""A job as the shell shows it: one plain record, as JSON or in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import EaselError, JobNotFoundError
from core.jobs import Job
from core.ports import JobStore

SEARCHED = 1000
"""How many of the newest jobs the beginning of an id is looked for in."""


async def find_job(store: JobStore, id_or_beginning: str) -> Job:
    """The job of that id, or the only recent one whose id begins so. Raises JobNotFoundError."""
    wanted = id_or_beginning.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{4,20}", wanted):
        raise JobNotFoundError(
            f"“{id_or_beginning}” is not a job's id; `easel history` lists them."
        )
    if len(wanted) == 20:
        return await store.get(wanted)
    found = [job for job in await store.history(None, limit=SEARCHED) if job.id.startswith(wanted)]
    if len(found) > 1:
        raise EaselError(f"{len(found)} jobs begin with {wanted}; type more of the id.")
    if not found:
        raise JobNotFoundError(f"No recent job begins with {wanted}; `easel history` lists them.")
    return found[0]


async def record(store: JobStore, job: Job, files: Mapping[str, Path]) -> dict[str, Any]:
    """What is known of a job. `files` gives, by blob key, where each picture lies."""
    request, drawn = job.request, job.request.drawn
    images = await store.images(job.id)
    return {
        "job": job.id,
        "state": str(job.state),
        "prompt": request.text,
        "seed": request.seed,
        "model": request.model,
        "width": request.width,
        "height": request.height,
        "steps": drawn.steps,
        "seconds": round((job.cost_ms or 0) / 1000, 3),
        "grid": str(files[job.grid]) if job.grid else None,
        "images": [str(files[image.blob]) for image in images],
        **({"error": job.error} if job.error else {}),
        **({"painted_by": drawn.model} if drawn.model != request.model else {}),
        **({"enlarged_with": request.enlarger} if request.enlarger else {}),
        **({"adapters": {one.name: one.weight for one in request.loras}} if request.loras else {}),
        **({"parent": job.parent.job_id} if job.parent else {}),
    }


def describe(made: Mapping[str, Any]) -> str:
    """The record in a few lines."""
    painted = f"painted by {made['painted_by']}, " if made.get("painted_by") else ""
    enlarged = f"enlarged with {made['enlarged_with']}, " if made.get("enlarged_with") else ""
    names = [f"{name} {weight:g}" for name, weight in made.get("adapters", {}).items()]
    adapters = f"adapters {', '.join(names)}, " if names else ""
    how = (
        f"{made['model']}, {painted}{enlarged}{adapters}{made['width']}×{made['height']}, "
        f"{made['steps']} steps, seed {made['seed']}, {made['seconds']:.1f} s of GPU time"
    )
    lines = [f"{made['job']}  {made['state']}: {made['prompt']}", f"  {how}"]
    if made.get("error"):
        lines.append(f"  {made['error']}")
    if made["grid"]:
        lines.append(f"  grid   {made['grid']}")
    lines += [f"  {number:<6} {path}" for number, path in enumerate(made["images"], 1)]
    if made["grid"] and made["images"]:
        lines.append(f"  next   easel press {made['job'][:8]} U1   (or V1…, reroll)")
    return "\n".join(lines)
