"""What a value in the text is computed from: its expression, and the tables that this reads.

Read from the code of the notebook, without running it: backwards from the note, through every
statement that sets a name which is needed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Tables of a corpus, by the attribute that reads them.
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
#: Longest expression that is printed, in characters.
LONGEST = 240


@dataclass(frozen=True)
class Origin:
    """An expression, and what it reads: files by name, corpora, tables of these."""

    code: str = ""
    files: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def origin(sources: Sequence[str], topic: str, name: str, corpora: Sequence[str]) -> Origin:
    """Find the expression of a noted value in the code cells of a notebook.

    A value whose name is made by code has the whole expression that makes it.

    >>> cells = ['quay = tifa.load("quay")', 'boats = quay.hits', 'note("fleet", n=len(boats))']
    >>> origin(cells, "fleet", "n", ["quay", "lake"])
    Origin(code='len(boats)', files=(), corpora=('quay',), tables=('hits',))
    """
    statements = [node for source in sources for node in _parse(source)]
    found: tuple[int, ast.expr, str] | None = None
    for place, statement in enumerate(statements):
        for keyword in _noted(statement, topic):
            stars = keyword.arg is None
            if keyword.arg == name or (stars and (found is None or found[2])):
                found = place, keyword.value, "**" if stars else ""
    if found is None:
        return Origin()
    place, value, before = found
    needed, used = _loaded(value), list[ast.AST]([value])
    for statement in reversed(statements[: place + 1]):
        if _stored(statement) & needed:
            needed |= _loaded(statement)
            used.append(statement)
    said = {
        node.value
        for part in used
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    read = {n.attr for part in used for n in ast.walk(part) if isinstance(n, ast.Attribute)}
    code = " ".join((before + ast.unparse(value)).split())
    return Origin(
        code if len(code) <= LONGEST else f"{code[:LONGEST].rpartition(' ')[0]} …",
        tuple(sorted(s for s in said if re.fullmatch(r"[\w/-]+\.(csv|parquet)", s))),
        tuple(c for c in corpora if c in said),
        tuple(t for t in READ if t in read),
    )


def code_cells(path: Path) -> list[str]:
    """The code cells of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _parse(source: str) -> list[ast.stmt]:
    """The statements of a cell; lines that are IPython's are left out."""
    plain = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    return ast.parse(plain).body


def _noted(statement: ast.stmt, topic: str) -> Iterator[ast.keyword]:
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first = node.args[0]
        called = isinstance(node.func, ast.Name) and node.func.id == "note"
        if called and isinstance(first, ast.Constant) and first.value == topic:
            yield from node.keywords


def _loaded(node: ast.AST) -> set[str]:
    """Names that code reads, without those of its own comprehensions."""
    own = {
        name.id
        for part in ast.walk(node)
        if isinstance(part, ast.comprehension)
        for name in ast.walk(part.target)
        if isinstance(name, ast.Name)
    }
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - own


def _stored(statement: ast.stmt) -> set[str]:
    """Names that a statement sets, or changes a part of."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets: list[ast.AST] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.NamedExpr):
            targets.append(node.target)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            targets.append(node.value.func)  # rows.append(row)
    stored = set()
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            base = part
            while isinstance(base, ast.Subscript | ast.Attribute | ast.Starred):
                base = base.value
            if isinstance(base, ast.Name):
                stored.add(base.id)
    return stored
