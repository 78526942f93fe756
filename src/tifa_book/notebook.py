"""Analyse the source of a notebook: its cells, its figures, and how its numbers are computed.

The code is parsed but not run. To find what a number depends on, :func:`origin` starts from the
expression passed to ``note``, and follows the variables in it backwards, from statement to
statement.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cell:
    """A code cell: its number, the heading above it, and its parsed statements."""

    number: int = 0
    heading: str = ""
    statements: tuple[ast.stmt, ...] = ()


@cache
def calls(cell: Cell) -> list[tuple[str, str, list[ast.keyword]]]:
    """Return the calls in a cell, in order: function name, first string argument, and keywords.

    The string may also be the keyword argument ``name``; if there is no string, it is "".
    """
    found = [n for s in cell.statements for n in ast.walk(s) if isinstance(n, ast.Call)]
    statements = []
    for call in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
        function = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "name")]
        texts = [g.value for g in given if isinstance(g, ast.Constant)]
        text = next((t for t in texts if isinstance(t, str)), "")
        statements.append((function, text, call.keywords))
    return statements


@cache
def code_cells(path: Path) -> tuple[Cell, ...]:
    r"""Return the code cells of a notebook.

    >>> import tempfile
    >>> cells = [{"cell_type": "markdown", "source": ["## At the `quay`\n", "Boats."]}]
    >>> cells += [{"cell_type": "code", "source": ["%time\n", "n = 2"]}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     _ = path.write_text(json.dumps({"cells": cells}), "utf-8")
    ...     [(cell.number, cell.heading, len(cell.statements)) for cell in code_cells(path)]
    [(1, 'At the quay', 1)]
    """
    found: list[Cell] = []
    heading = ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for text in re.findall(r"^#+ (.*)$", source, re.M):
                heading = re.sub(r"[`*]|\{[\w:]+\}", "", text)
        elif cell["cell_type"] == "code":
            found.append(Cell(len(found) + 1, heading, parsed(source)))
    return tuple(found)


def parsed(source: str) -> tuple[ast.stmt, ...]:
    """Return the statements of a cell, without IPython commands (lines that begin with % or !)."""
    plain = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    return tuple(ast.parse(plain).body)


def statements_of(path: Path) -> list[ast.stmt]:
    return [statement for cell in code_cells(path) for statement in cell.statements]


def cell_of(path: Path, function: str, name: str, keyword: str = "") -> Cell:
    """Return the first cell that calls ``function`` with ``name`` as its first string argument.

    If ``keyword`` is given, a call that also has this keyword argument is preferred. If there is no
    such call, returns an empty cell with the number 0.
    """
    found = Cell()
    for cell in code_cells(path):
        for called, text, keywords in calls(cell):
            if (called, text) == (function, name):
                found = found if found.number else cell
                if keyword in {"", *(k.arg for k in keywords)}:
                    return cell
    return found


@dataclass
class Shown:
    """The figures of a notebook."""

    #: maps the anchor of a figure to the id of the finding that it shows
    findings: dict[str, str] = field(default_factory=dict)
    #: maps a heading to the anchor of the first figure under it
    first: dict[str, str] = field(default_factory=dict)


@cache
def shown_in(path: Path) -> Shown:
    """Find the figures of a notebook, and the finding that each of them shows.

    A figure shows the next finding that is computed under the same heading, if there is one.
    """
    shown, waiting, heading = Shown(), list[str](), ""
    for cell in code_cells(path):
        if cell.heading != heading:
            heading, waiting = cell.heading, []
        for function, name, _ in calls(cell):
            if function in ("show", "show_map"):
                waiting.append(f"{'fig' if function == 'show' else 'map'}-{name}")
                shown.first.setdefault(heading, waiting[-1])
            elif function == "finding":
                shown.findings |= dict.fromkeys(waiting, name)
                waiting = []
    return shown


# --- what a number in the text is computed from ---------------------------------------------


#: Attributes of a corpus that return its tables.
READ = (
    "collocates",
    "documents",
    "frames",
    "hits",
    "ngrams",
    "sentence_frames",
    "sentences",
    "similarity",
    "specifications",
    "terms",
)
#: Expressions are shortened to this many characters on a page.
LONGEST = 240


@dataclass(frozen=True)
class Origin:
    """What a value that was passed to ``note`` is computed from."""

    #: the expression of the value, shortened if it is long
    code: str = ""
    #: the strings in the expression and in the statements on which it depends
    strings: frozenset[str] = frozenset()
    #: names of the files, corpora and tables of corpora on which the expression depends
    files: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def origin(statements: Sequence[ast.stmt], topic: str, name: str, corpora: Sequence[str]) -> Origin:
    """Find the expression in ``note(topic, name=...)``, and on what it depends.

    ``statements`` are those of the notebook, ``corpora`` the names of all corpora. If the value is
    passed only in a dictionary (``**values``), the expression is the dictionary. Returns an empty
    Origin if no such call is found.

    >>> cells = ['quay = tifa.load("quay")', 'boats = quay.hits', 'note("fleet", n=len(boats))']
    >>> found = origin(parsed("\\n".join(cells)), "fleet", "n", ["quay", "lake"])
    >>> found.code, found.corpora, found.tables
    ('len(boats)', ('quay',), ('hits',))
    """
    found: tuple[int, ast.expr, str] | None = None
    for place, statement in enumerate(statements):
        for noted_topic, keyword in _noted(statement):
            if noted_topic != topic:
                continue
            stars = keyword.arg is None
            if keyword.arg == name or (stars and (found is None or found[2])):
                found = place, keyword.value, "**" if stars else ""
    if found is None:
        return Origin()
    place, value, before = found
    needed, used = _loaded(value), list[Any]([value])
    for statement in reversed(statements[: place + 1]):
        if _stored(statement) & needed:
            needed = needed - _set_anew(statement) | _loaded(statement)
            used.append(statement)
    # leave out dictionaries that are used only by key: most strings in them belong to other keys
    telling = [part for part in used if not _picked_from(part, used)]
    for part in used[1:]:  # leave out statements that only these dictionaries need, too
        if not any(_stored(part) & _loaded(other) for other in telling if other is not part):
            telling = [other for other in telling if other is not part]
    strings = frozenset[str]().union(*(_texts(part) for part in telling))
    read = frozenset[str]().union(*(_attributes(part) for part in used))
    code = " ".join((before + ast.unparse(value)).split())
    return Origin(
        code if len(code) <= LONGEST else f"{code[:LONGEST].rpartition(' ')[0]} …",
        strings,
        tuple(sorted(s for s in strings if re.fullmatch(r"[\w/-]+\.(csv|parquet)", s))),
        tuple(c for c in corpora if c in strings),
        tuple(t for t in READ if t in read),
    )


@cache
def _noted(statement: ast.stmt) -> list[tuple[object, ast.keyword]]:
    """Return the topic and the keyword argument of each value passed to ``note`` in a statement."""
    found: list[tuple[object, ast.keyword]] = []
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first = node.args[0]
        called = isinstance(node.func, ast.Name) and node.func.id == "note"
        if called and isinstance(first, ast.Constant):
            found += [(first.value, keyword) for keyword in node.keywords]
    return found


@cache
def _texts(node: ast.AST) -> frozenset[str]:
    constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


@cache
def _attributes(node: ast.AST) -> frozenset[str]:
    return frozenset(n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute))


@cache
def _loaded(node: ast.AST) -> frozenset[str]:
    """Return the names that code reads, without the loop variables of its comprehensions."""
    own = {
        name.id
        for part in ast.walk(node)
        if isinstance(part, ast.comprehension)
        for name in ast.walk(part.target)
        if isinstance(name, ast.Name)
    }
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return frozenset(n.id for n in names if isinstance(n.ctx, ast.Load)) - own


def _picked_from(statement: ast.AST, used: Sequence[ast.AST]) -> bool:
    """Return whether a statement assigns a dictionary that others use only as in ``d[key]``."""
    made = statement.value if isinstance(statement, ast.Assign) else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name) or not isinstance(made, ast.Dict | ast.DictComp):
        return False
    others = [_uses(part) for part in used if part is not statement]
    named, members = (sum(use[place][target.id] for use in others) for place in (0, 1))
    return named == members > 0


@cache
def _uses(node: ast.AST) -> tuple[Counter[str], Counter[str]]:
    """Count how often each name occurs in code, and how often as in ``name[key]``."""
    parts = [*ast.walk(node)]
    members = [n.value for n in parts if isinstance(n, ast.Subscript)]
    return tuple(  # type: ignore[return-value]
        Counter(n.id for n in some if isinstance(n, ast.Name)) for some in (parts, members)
    )


def _set_anew(statement: ast.stmt) -> set[str]:
    """Return the names to which a statement gives a new value, whatever the old one was."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    names: list[ast.expr] = []
    for target in statement.targets if isinstance(statement, ast.Assign) else []:
        names += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    return {name.id for name in names if isinstance(name, ast.Name)}


@cache
def _stored(statement: ast.stmt) -> set[str]:
    """Return the names that a statement assigns, or whose value it may change (``x.append(1)``)."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets: list[ast.AST] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.NamedExpr):
            targets.append(node.target)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            targets.append(node.value.func)  # such as rows.append(row)
    stored = set()
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            base = part
            while isinstance(base, ast.Subscript | ast.Attribute | ast.Starred):
                base = base.value
            if isinstance(base, ast.Name):
                stored.add(base.id)
    return stored
