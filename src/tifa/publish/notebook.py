"""Use the compendium's style in a notebook, and run a notebook with other parameters."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, cast

import pandas as pd
from sphinx_findings.record import tables_in

from tifa.publish.figures import use_style as use_figure_style
from tifa.publish.tables import dataframe_html
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError


def use_style() -> None:
    """Make a notebook draw figures, and show pandas tables, as the site does.

    Wide tables can be scrolled with the keyboard, and header cells are marked as such. Also tells
    sphinx_findings how to find the folder of the tables.
    """
    use_figure_style()
    tables_in(data_folder)
    if (shell := running_shell()) is not None:
        html = shell.display_formatter.formatters["text/html"]
        html.for_type(pd.DataFrame, dataframe_html)


def running_shell() -> Any:
    """Return IPython's shell, or None in a plain script."""
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not in a plain script
    except ImportError:
        return None
    return get_ipython()


def run(path: Path | str, out: Path | str | None = None, **parameters: Any) -> Any:
    """Run a notebook with other parameters, as papermill does, and return it with its outputs.

    A cell that assigns the parameters is inserted after the cell tagged ``parameters``, and the
    notebook is run in its own folder. The file at ``path`` is not changed; the notebook with its
    outputs is written to ``out``, if given, even if a cell fails. Raises TifaError if the file is
    not a notebook, if no cell is tagged ``parameters``, or if that cell does not assign one of the
    given parameters. Raises nbclient's CellExecutionError if a cell fails.
    """
    import nbformat  # noqa: PLC0415 - notebooks that only use the style need no client
    from nbclient import NotebookClient  # noqa: PLC0415

    path, formats = Path(path), cast(Any, nbformat)
    try:
        notebook = formats.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise TifaError(f"not a notebook ({error})", where=path) from None
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    place = next((n for n, tagged in enumerate(tags) if "parameters" in tagged), None)
    if place is None:
        raise TifaError("no cell is tagged parameters", where=path)
    known = _assigned(notebook.cells[place].source)
    for name in parameters:
        if name not in known:
            raise TifaError(f"no parameter {name!r}; there is: {', '.join(known)}", where=path)
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    given = formats.v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(place + 1, given)
    resources = {"metadata": {"path": str(path.resolve().parent)}}
    try:
        NotebookClient(notebook, timeout=600, resources=resources).execute()
    finally:
        if out is not None:
            Path(out).parent.mkdir(parents=True, exist_ok=True)
            formats.write(notebook, out)
    return notebook


def _assigned(source: str) -> list[str]:
    return [
        target.id
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
