"""`sandbox start | demo`: the rehearsal world (GİB, portal, NTP, test PKI) on loopback."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from edefter.cli.context import console, parse_period
from edefter.cli.lang import LANG, say
from edefter.errors import ConfigError

group = typer.Typer(help=say("help_sandbox_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="sandbox")


@group.command("start", help=say("help_sandbox_start"))
def _start(
    folder: Annotated[Path, typer.Option("--dir", help=say("help_sandbox_dir"))] = Path(
        "edefter-sandbox"
    ),
    any_ports: Annotated[bool, typer.Option("--any-ports", help=say("help_any_ports"))] = False,
    tax_number: Annotated[str, typer.Option("--vkn", help=say("help_vkn"))] = "1234567808",
) -> None:
    # The sandbox is imported only when it is asked for (import contract).
    from edefter.config.settings import SourceSettings
    from edefter.sandbox.company import create_sample_database
    from edefter.sandbox.world import SandboxWorld

    world = SandboxWorld(folder, any_ports=any_ports)
    try:
        world.start()
    except RuntimeError as error:
        raise ConfigError("cli.sandbox_not_started", problem=str(error)[-400:]) from None
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        books = folder.absolute() / "ornek.sqlite"
        if not books.exists():
            create_sample_database(books)
        seal, password = world.seal_for(tax_number, "SANDBOX")
        config = folder.absolute() / "edefter.toml"
        world.write_config(
            config,
            sources={"default": SourceSettings(kind="sql", url=f"sqlite:///{books}")},
            seals={"default": world.seal_settings(seal, password)},
        )
        console().print(
            say(
                "sandbox_running",
                gib=world.gib.port,
                control=world.portal.facts["control_url"],
                upload=world.portal.facts["upload_url"],
                ntp=", ".join(str(port) for port in world.ntp.facts["ports"]),
                config=str(config),
            ),
            markup=False,
        )
        with contextlib.suppress(KeyboardInterrupt):
            ended.wait()
    finally:
        world.stop()


@group.command("demo", help=say("help_sandbox_demo"))
def _demo(
    out: Annotated[Path, typer.Option("--out", help=say("help_demo_out"))] = Path("demo-output"),
) -> int:
    from edefter.sandbox.demo import main

    return main(["--out", str(out), "--lang", LANG])


@group.command("data", help=say("help_sandbox_data"))
def _data(
    target: Annotated[str, typer.Argument(help=say("help_sandbox_data_path"))],
    lines: Annotated[int | None, typer.Option("--lines", min=2, help=say("help_lines"))] = None,
    seed: Annotated[int, typer.Option("--seed", help=say("help_seed"))] = 1,
    period: Annotated[str, typer.Option("--period", help=say("help_period"))] = "2026-01",
) -> None:
    from edefter.sandbox.company import create_sample_database

    month = parse_period(period)
    is_url = target.startswith("postgresql")
    if not is_url and Path(target).exists():
        raise ConfigError("cli.config_exists", path=target)
    if lines is None:
        create_sample_database(Path(target))
    else:
        from sqlalchemy.exc import SQLAlchemyError

        from edefter.sandbox.books import write_books

        try:
            write_books(target, lines, seed=seed, period=month)
        except SQLAlchemyError as error:
            problem = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise ConfigError("cli.books_not_written", problem=problem) from None
    console().print(say("sample_written", path="PostgreSQL" if is_url else target), markup=False)
