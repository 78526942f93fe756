"""The command ``tifa``."""

from __future__ import annotations

import ast
import atexit
import gc
import os
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main
from sphinx_findings.errors import FindingsError
from typer import Option

from tifa.util.errors import TifaError, one_line
from tifa.util.memory import FRUGAL
from tifa.version import __version__

#: For each command, the module that contains its function, which is called ``NAME_command``.
COMMANDS = {
    "new": "study",
    "add": "study",
    "fetch": "fetch",
    "extract": "features",
    "phrases": "query",
    "count": "query",
    "kwic": "query",
    "keyness": "compare",
    "collocates": "compare",
    "dispersion": "compare",
    "findings": "query",
    "snapshot": "snapshot",
    "verify": "verify",
    "annotate": "annotation",
    "agreement": "annotation",
    "evaluate": "annotation",
    "choices": "features",
}


class _Commands(typer.core.TyperGroup):
    """The group of all commands. A command's module is imported only when the command is called.

    This lets the program start fast.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # typer needs only the names to list the commands, and to suggest one after a typo
        self.commands: Any = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return typer.core.TyperCommand(cmd_name, help=_about(cmd_name))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, _load(str(name)), rest


def _about(name: str) -> str | None:
    """Return the docstring of a command without importing its module."""
    path = Path(__file__).with_name(f"{COMMANDS[name]}.py")
    functions = ast.parse(path.read_text("utf-8")).body
    return next(
        ast.get_docstring(f)
        for f in functions
        if isinstance(f, ast.FunctionDef) and f.name == f"{name}_command"
    )


def _load(name: str) -> Any:
    module = import_module(f"tifa.cli.{COMMANDS[name]}")
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    alone.command(name)(getattr(module, f"{name}_command"))
    return typer.main.get_command(alone)


app = typer.Typer(
    help="Trace official formulations through texts.",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"tifa {__version__}")
        raise typer.Exit


_STOPPED = "stopped; no file is half-written: run it again"


def one_error(work: Callable[[], object]) -> None:
    """Call ``work``; on an error that is not a bug in the program, print one line and exit.

    The exit status is 130 for Ctrl-C, and 2 for the others, such as a wrong option or a full disk.
    """
    try:
        work()
    except (TifaError, FindingsError) as error:
        message, status = str(error), 2
    except MemoryError:
        message, status = "out of memory; no file is half-written: run it again (with --jobs 1)", 2
    except OSError as error:
        # if reading or writing fails half-way, the error does not name the file
        where = f"{error.filename or 'a file that it needs cannot be read or written'}: "
        message, status = one_line(f"{where}{error.strerror or error}"), 2
    except KeyboardInterrupt:
        message, status = _STOPPED, 130
    except SystemExit as stop:
        # on Ctrl-C typer ends the command without a message
        if stop.code == 130:
            print(f"tifa: {_STOPPED}", file=sys.stderr)
        raise
    else:
        return
    print(f"tifa: {message}", file=sys.stderr)
    raise SystemExit(status)


def main() -> None:
    """Run the command; if the user made a mistake, print one line and exit with status 2.

    A character that cannot be encoded for the output is written as a backslash escape.
    """
    # imported libraries create many objects that are never freed. Searching them for garbage would
    # take up to a tenth of the time of a short command, and a last search at its end another fifth
    gc.set_threshold(100_000)
    os.environ.update(FRUGAL | os.environ)
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = lambda message, *_: print(f"tifa: {message}", file=sys.stderr)
    one_error(app)
