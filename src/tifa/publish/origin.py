"""Record, while a notebook runs, from which tables a figure or a finding was computed.

Each statement of a cell has a set of tables: the tables that it reads, and those behind the
variables that it uses. This set is stored for every variable that the statement sets or changes.
Audit events (``sys.audit``) report every file that Python opens, and every table that the notebook
requests from a corpus.
"""

from __future__ import annotations

import ast
import os
import symtable
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tifa.util.data_folder import data_folder


class Origin:
    """Records from which tables each variable of a notebook was computed.

    Recording begins with the cell after the one that makes this object. ``behind`` has the tables
    of each variable, ``statement`` has those of the current statement, and ``cell`` has those of
    all earlier statements of the current cell.
    """

    def __init__(self, shell: Any) -> None:
        self.data = data_folder().resolve()
        self.values: Mapping[str, Any] = shell.user_ns
        self.behind: dict[str, set[str]] = {}
        self.statement, self.cell = set[str](), set[str]()
        self.statements: list[ast.stmt] = []
        self.under_way: ast.stmt | None = None
        shell.user_ns["_begin_statement"] = self.begin
        shell.ast_transformers.append(self)
        sys.addaudithook(self.note)

    def visit(self, cell: ast.Module) -> ast.Module:
        """Insert a call of :meth:`begin` before each statement of a cell; IPython calls this."""
        self.end()
        self.cell, self.statements = set(), cell.body
        body = []
        for number, statement in enumerate(cell.body):
            (call,) = ast.parse(f"_begin_statement({number})").body
            for node in ast.walk(call):
                ast.copy_location(node, statement)
            body += [call, statement]
        return ast.Module(body, cell.type_ignores)

    def begin(self, number: int) -> None:
        """Begin a statement: collect the tables of all variables that it uses."""
        self.end()
        self.under_way = self.statements[number]
        used, _ = names(self.under_way, self.values)
        self.statement.update(*(self.behind.get(name, ()) for name in used))

    def end(self) -> None:
        """End the last statement: store its tables for all variables that it sets or changes."""
        if self.under_way is not None:
            _, made = names(self.under_way, self.values)
            self.behind |= dict.fromkeys(made, self.statement)
        self.cell |= self.statement
        self.statement, self.under_way = set(), None

    def note(self, event: str, args: tuple[Any, ...]) -> None:
        """Add a table to those of the statement when it is opened; Python calls this audit hook.

        The files of corpora are also opened for other purposes, so tables below corpora/ are added
        only on the event ``tifa.read``.
        """
        if event == "tifa.read" or (event == "open" and isinstance(args[0], str | os.PathLike)):
            path = Path(args[0])
            table = path.suffix in {".csv", ".parquet"} or path.name == "registered.yml"
            if table and self.data in path.parents:
                name = path.relative_to(self.data).as_posix()
                if event == "tifa.read" or not name.startswith("corpora/"):
                    self.statement.add(name)


def names(statement: ast.stmt, values: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the global names that a statement uses, and those that it sets or changes.

    ``values`` has the current values by name: calls such as ``rows.append(1)`` are assumed to
    change ``rows`` if it is a list, a dictionary or a set.

    >>> statement, *_ = ast.parse("boats['old'] = [b for b in old(boats) if len(b) > least]").body
    >>> used, made = names(statement, {})
    >>> sorted(used), sorted(made)
    (['boats', 'least', 'len', 'old'], ['boats'])
    """
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    inner = top.get_children()
    for table in inner:
        used |= {s.get_name() for s in table.get_symbols() if s.is_global()}
        inner += table.get_children()
    for node in ast.walk(statement):  # remove names that are set before they are used
        if isinstance(node, ast.NamedExpr):
            used.discard(node.target.id)
        elif node is statement and isinstance(node, ast.For):
            used -= {*_named(node.target)} - {*_named(node.iter)}
    made = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_namespace()}
    changed = {*_changed(statement, values)} & (used | made)
    return used | changed, made | changed


def _named(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _changed(statement: ast.stmt, values: Mapping[str, Any]) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            yield _base(node.target)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield _base(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            base = _base(node.value.func)
            if isinstance(values.get(base), list | dict | set):
                yield base  # such as rows in rows.append(row)


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
