"""`edefter`: the one place that turns errors into text and an exit status."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from edefter import __version__
from edefter.cli import (
    archive_cmd,
    company_cmd,
    doctor_cmd,
    init_cmd,
    package_cmd,
    run_cmd,
    sandbox_cmd,
    seal_cmd,
    source_cmd,
    status_cmd,
    trust_cmd,
    validate_cmd,
    verify_cmd,
    view_cmd,
)
from edefter.cli.context import OPTIONS, error_console
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_error
from edefter.errors import EdefterError, ExitCode

app = typer.Typer(
    name="edefter",
    help=say("help_app"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"edefter {__version__}")
        raise typer.Exit


@app.callback()
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


init_cmd.register(app)
company_cmd.register(app)
run_cmd.register(app)
validate_cmd.register(app)
verify_cmd.register(app)
status_cmd.register(app)
view_cmd.register(app)
archive_cmd.register(app)
doctor_cmd.register(app)
sandbox_cmd.register(app)
seal_cmd.register(app)
source_cmd.register(app)
trust_cmd.register(app)
package_cmd.register(app)


def main(argv: list[str] | None = None) -> None:
    """Run the command line and end the process with the exit code of its result."""
    raise SystemExit(run(argv))


def run(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program name; None = those of the process.

    Returns:
        The exit code (`edefter.errors.ExitCode`).
    """
    OPTIONS.json = "--json" in (sys.argv[1:] if argv is None else argv)
    try:
        result = app(args=argv, standalone_mode=False, prog_name="edefter")
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
    if OPTIONS.verbose:
        traceback.print_exc()
    error_console().print(
        say("internal", kind=type(error).__name__, where=_where(error)), markup=False
    )
    return int(ExitCode.INTERNAL)


def _where(error: Exception) -> str:
    """File and line of a defect, without values (which may hold voucher data)."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


if __name__ == "__main__":
    main()
