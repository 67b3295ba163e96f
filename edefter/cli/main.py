"""`edefter`: the one place that turns errors into text and an exit status."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer

from edefter import __version__
from edefter.cli.context import OPTIONS, error_console
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_error
from edefter.errors import EdefterError, ExitCode, WaitingError
from edefter.process import leave, relax

# In the order of the help text. Only the modules of commands that are asked for are loaded: all
# of them take longer to load than many a command to run.
COMMANDS = {
    "init": "init_cmd",
    "company": "company_cmd",
    "run": "run_cmd",
    "build": "run_cmd",
    "sign": "run_cmd",
    "submit": "run_cmd",
    "stamp": "run_cmd",
    "validate": "validate_cmd",
    "verify": "verify_cmd",
    "status": "status_cmd",
    "calendar": "calendar_cmd",
    "night": "night_cmd",
    "worker": "worker_cmd",
    "queue": "worker_cmd",
    "audit": "audit_cmd",
    "drift": "drift_cmd",
    "adopt": "adopt_cmd",
    "correct": "correct_cmd",
    "mizan": "mizan_cmd",
    "envanter": "inventory_cmd",
    "view": "view_cmd",
    "archive": "archive_cmd",
    "doctor": "doctor_cmd",
    "sandbox": "sandbox_cmd",
    "seal": "seal_cmd",
    "source": "source_cmd",
    "trust": "trust_cmd",
    "package": "package_cmd",
}


def _version(value: bool) -> None:
    if value:
        typer.echo(f"edefter {__version__}")
        raise typer.Exit


def _options(
    config: Annotated[Path | None, typer.Option("--config", "-c", help=say("help_config"))] = None,
    lang: Annotated[str | None, typer.Option("--lang", help=say("help_lang"))] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=say("help_verbose"))] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("help_version"))
    ] = False,
) -> None:
    del lang, version  # read by cli.lang before the commands were built; shown above
    OPTIONS.config = config
    OPTIONS.verbose = verbose
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    # zeep's debug log prints whole envelopes; it stays off whatever the root level is.
    logging.getLogger("zeep").setLevel(logging.ERROR)


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The command line with the commands that `words` may mean.

    Args:
        words: arguments; which of them is the command is not asked, each that could be counts.
            When none could, all commands are there.
    """
    app = typer.Typer(
        name="edefter",
        help=say("help_app"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    before = list(takewhile(lambda word: word not in COMMANDS, words))
    asked = [COMMANDS[word] for word in words if word in COMMANDS]
    if "--help" in before:  # the help of the whole
        asked = []
    for name in dict.fromkeys(asked or COMMANDS.values()):
        import_module(f"edefter.cli.{name}").register(app)
    return app


def main(argv: list[str] | None = None) -> None:
    """Run the command line and end the process with the exit code of its result."""
    if argv is None:  # nobody else's process
        relax()
        leave(run())
    raise SystemExit(run(argv))


def run(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program name; None = those of the process.

    Returns:
        The exit code (`edefter.errors.ExitCode`).
    """
    words = sys.argv[1:] if argv is None else argv
    OPTIONS.json = "--json" in words
    try:
        result = build_app(words)(args=words, standalone_mode=False, prog_name="edefter")
    except EdefterError as error:
        return _stop(error)
    except KeyboardInterrupt:
        error_console().print(say("interrupted"))
        return int(ExitCode.WAITING)
    except Exception as error:
        return _other(error)
    return int(result) if isinstance(result, int) else 0


def _stop(error: EdefterError) -> int:
    if OPTIONS.verbose:
        traceback.print_exc()
    if OPTIONS.json:
        print(
            json.dumps(
                {
                    "exit_code": int(error.exit_code),
                    "error": {
                        "key": error.key,
                        "text": error.text(LANG),
                        "remedy": error.remedy(LANG),
                    },
                },
                ensure_ascii=False,
            )
        )
    else:
        print_error(error_console(), error)
    return int(error.exit_code)


def _other(error: Exception) -> int:
    """Usage errors of the command line, and defects of ours."""
    show = getattr(error, "show", None)
    if show is not None:  # a usage error knows how to show itself
        show()
        return int(ExitCode.CONFIG)
    if _is_from_database(error):
        problem = type(getattr(error, "orig", None) or error).__name__
        return _stop(WaitingError("state.unreachable", problem=problem))
    if OPTIONS.verbose:
        traceback.print_exc()
    error_console().print(
        say("internal", kind=type(error).__name__, where=_where(error)), markup=False
    )
    return int(ExitCode.INTERNAL)


def _is_from_database(error: Exception) -> bool:
    """Whether the state database cannot be reached, or was lost in the middle of something.

    Asked of modules that are loaded: a command that has none of them did not use the database.
    """
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.OperationalError)


def _where(error: Exception) -> str:
    """File and line of a defect, without values (which may hold voucher data)."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


if __name__ == "__main__":
    main()
