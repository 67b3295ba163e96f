"""What our HTML pages share: look, policy, escaping.

A page needs no script, no network and no second file; its policy forbids all three. Everything from
documents and file names goes through `visible` and then through Jinja's escaping.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from edefter.messages import Lang
from edefter.model.period import ISTANBUL
from edefter.validation.reports.visible import visible

_HERE = Path(__file__).resolve().parent


def write_page(sink: BinaryIO, folder: Path, template: str, lang: Lang, **given: Any) -> None:
    """Fill a template that extends `page.html.j2`.

    Args:
        sink: takes UTF-8.
        folder: where the template is.
        template: its file name.
        lang: language of the page.
        given: what the template uses.
    """
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment(folder).get_template(template).stream(
        lang=lang,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=digest,
        **given,
    )  # fmt: skip
    page.enable_buffering(64)
    for chunk in page:
        sink.write(chunk.encode())


def page_time(moment: datetime) -> str:
    """A time as pages show it, in Istanbul."""
    return f"{moment.astimezone(ISTANBUL):%d.%m.%Y %H:%M}"


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: object) -> object:
    """Runs before escaping, on everything that is filled in."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
