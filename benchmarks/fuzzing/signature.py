"""What makes two failures the same one."""

from __future__ import annotations

import traceback

from benchmarks.fuzzing.oracles import Broken


def signature(problem: BaseException) -> str:
    """The broken property, or the kind of exception and the place of the product it came from."""
    if isinstance(problem, Broken):
        return problem.what
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [item for item in frames if "/edefter/" in item.filename]
    place = (ours or frames)[-1] if frames else None
    where = f"{place.filename.rsplit('/', 1)[-1]}:{place.name}" if place is not None else "?"
    return f"{type(problem).__name__} in {where}"
