"""The command ``tifa``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from tifa.cli.annotation import agreement_command, annotate_command, evaluate_command
from tifa.cli.features import extract_command
from tifa.cli.fetch import fetch_command
from tifa.cli.lexicon import phrases_command
from tifa.cli.query import count_command, findings_command, kwic_command
from tifa.cli.snapshot import snapshot_command
from tifa.cli.study import add_command, new_command
from tifa.cli.verify import verify_command
from tifa.util.errors import TifaError, one_line
from tifa.version import __version__

app = typer.Typer(
    help="Trace official formulations through texts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("new")(new_command)
app.command("add")(add_command)
app.command("fetch")(fetch_command)
app.command("extract")(extract_command)
app.command("phrases")(phrases_command)
app.command("count")(count_command)
app.command("kwic")(kwic_command)
app.command("findings")(findings_command)
app.command("snapshot")(snapshot_command)
app.command("verify")(verify_command)
app.command("annotate")(annotate_command)
app.command("agreement")(agreement_command)
app.command("evaluate")(evaluate_command)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"tifa {__version__}")
        raise typer.Exit


_STOPPED = "stopped; no file is half-written: run it again"


def one_error(work: Callable[[], object]) -> None:
    """Do something; what goes wrong for a reason of the user or the machine is one line.

    Exit status 2 for a mistake, a full disk or too little memory, 130 for a stop.
    """
    try:
        work()
    except TifaError as error:
        said, status = str(error), 2
    except MemoryError:
        said, status = "out of memory; no file is half-written: run it again (with --jobs 1)", 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        said, status = one_line(f"{where}{error.strerror or error}"), 2
    except KeyboardInterrupt:
        said, status = _STOPPED, 130
    except SystemExit as stop:
        # typer ends the command by itself when it is stopped, and says nothing
        if stop.code == 130:
            print(f"tifa: {_STOPPED}", file=sys.stderr)
        raise
    else:
        return
    print(f"tifa: {said}", file=sys.stderr)
    raise SystemExit(status)


def main() -> None:
    """Run the command; a user's mistake is one line and exit status 2."""
    one_error(app)
