"""Show what a finding or a number in the text is computed from.

Each finding has a panel with its estimate, its tables, the cell that computes it, and what other
choices would change. A click on the id of the finding, such as F5.6, opens the panel, which is an
HTML popover and needs no script. A list at the end of a page shows the code that computes each
number in the text; when a reader clicks on a number, values.js shows the code next to it. Notebooks
record the numbers by calls of ``note``. To find what a number depends on, :func:`origin` starts
from the expression passed to ``note``. From there it follows variables backwards, from statement to
statement.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_findings import markup
from sphinx_findings.choices import changes
from sphinx_findings.ledger import as_finding, list_of, make_anchor, read_ledger

import tifa
from tifa.analysis.registered import outcomes, registration
from tifa.data.datapackage import read_package
from tifa.data.rights import allowed_next_to_pages
from tifa_book import raw, render
from tifa_book.figures import (
    FOLDER,
    Cell,
    SiteFigure,
    all_figures,
    calls,
    cell_of,
    code_cells,
    shown_in,
)
from tifa_book.words import NAMES

#: Title of the collapsible box that shows which claim was registered before a finding was computed.
#: The box is in panels and in the ledger, the page that lists all findings.
BEFORE = "What was written down before"
#: Text in the ledger for a finding that has no registered claim.
NOT_REGISTERED = "No claim was written down before it was computed."
#: Matches the mark of a finding. It is a link on pages that quote the finding, and a span on the
#: page of the notebook that computes it.
_MARK = re.compile(
    r'<a class="(findings-link)[^>]*>(F[\d.]+)</a>|<span class="(findings-id)">(F[\d.]+)</span>'
)
#: Matches ids of findings in prose. The first two alternatives match what must not be changed:
#: whole elements such as code, headings and links, and all other tags.
_NAMED = re.compile(
    r"<(a|button|code|h\d|pre|script|style|summary|svg|template)\b.*?</\1>|<[^>]*>"
    r'|(?<!class="findings-id">)\bF\d+\.\d+\b',
    re.DOTALL,
)
_ENDED = re.compile(r'<button [^>]*class="findings-(?:link|id)[^>]*>[^<]*</button>[,.;:)]+')
_SURE = re.compile(r'<a class="(findings-sure findings-\w+)[^>]*href="([^"]*#(f[\d-]+))">(.*?)</a>')
_DRAWN = re.compile(r'<a [^>]*href="[^"]*#(fig-[\w-]+)">(?:a|the finding’s) figure</a>')
_TABLE = re.compile(r'<code[^>]*><span class="pre">([\w/.-]+)</span></code>(?= \(SHA-256)')


def add_panels(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Add to a page the panels of its findings, and the buttons that open these panels.

    The mark of a finding becomes a button, and so do the words after it on how sure the finding is.
    In chapters, ids of findings in prose become buttons too.
    """
    body = context.get("body", "")
    chapter = page.startswith("notebooks/")
    if not (chapter or _MARK.search(body)):
        return
    ledger, panels = read_ledger(app), dict[str, str]()
    to, up = app.builder.get_relative_uri, "../" * page.count("/")
    home = to(page, app.config.findings_page)
    figures = reversed(all_figures(app).values())
    drawn = {f.finding: f for f in figures if "csv" in f.content}

    def mark(found: re.Match[str]) -> str:
        classes, name = found[1] or found[3], found[2] or found[4]
        finding = ledger.findings.get(name)
        if finding is None:
            return found[0]
        anchor, given, choices = make_anchor(name), ledger.verdicts.get(name), ""
        entry = f"{home}#{anchor}"
        if given:
            tried, made = list_of(name, given), changes(given, app.config.findings_choices)
            choices = markup.render("choices.html", list=tried and up + tried, legend=True, **made)
        cell = cell_of(Path(app.env.doc2path(finding["page"])), "finding", name)
        panels[name] = render(
            "basis.html",
            finding=as_finding(finding),
            anchor=anchor,
            entry=entry,
            cell=f"{to(page, finding['page'])}#at-{anchor}",
            source=place_of(app, finding["page"], cell),
            tables=tables(finding["tables"], up),
            rows=name in drawn and rows_of(drawn[name], up),
            choices=choices,
            registered=registered(app, name),
            before=BEFORE,
        )
        return button(name, anchor, classes, entry)

    def link(found: re.Match[str]) -> str:
        if found[0] not in ledger.findings:
            return found[0]
        return f'<a class="findings-link" href="{home}#{make_anchor(found[0])}">{found[0]}</a>'

    body = _NAMED.sub(link, body) if chapter else body
    claims = {make_anchor(n): f"The claim: {v['claim']}" for n, v in ledger.verdicts.items()}
    body = _SURE.sub(lambda m: button(m[4], m[3], m[1], m[2], claims[m[3]]), body)
    body = _MARK.sub(mark, body)
    # keep punctuation on the same line as the button before it; <bdi> and not <span>, because
    # _VALUE matches only up to the next </span>
    body = _ENDED.sub(r'<bdi class="text-nowrap">\g<0></bdi>', body)
    context["body"] = body + "".join(panels.values())


def registered(app: Sphinx | BuildEnvironment, finding: str) -> str:
    """Return HTML with a finding's registered claim and its outcome; "" if it has no claim."""
    if finding not in app.config.tifa_registered:
        return ""
    claim = registration().claim(app.config.tifa_registered[finding])
    return render("registered.html", claim=claim, outcome=outcomes()[claim.id])


class RegisteredClaims(SphinxPostTransform):
    """Add the registered claim to each entry of the ledger, or a note that there is none."""

    default_priority = 6  # after FillIn of sphinx_findings, which inserts the ledger

    def run(self, **_: Any) -> None:
        if self.env.docname != self.app.config.findings_page:
            return
        names = {make_anchor(name): name for name in read_ledger(self.app).findings}
        fold = '<details class="findings-source"><summary>{}</summary>{}</details>'
        for entry in list(self.document.findall(nodes.container)):
            for name in (names[i] for i in entry["ids"] if i in names):
                claim = registered(self.env, name)
                node = raw(fold.format(BEFORE, claim)) if claim else None
                source = next(i for i, n in enumerate(entry) if "findings-source" in n.astext())
                entry.insert(source, node or nodes.paragraph("", NOT_REGISTERED))


def button(
    text: str, anchor: str, classes: str, entry: str, title: str = "What it rests on"
) -> str:
    """Return a button that opens the panel of a finding.

    ``entry`` is the address of the finding in the ledger; in the PDF, which has no panels, a link
    to this address replaces the button.
    """
    return (
        f'<button type="button" class="{classes}" popovertarget="basis-{anchor}" '
        f'data-entry="{entry}" title="{escape(title)}">{text}</button>'
    )


def link_tables(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """On the page of the ledger, link tables and figures to the files with their data."""
    if page != app.config.findings_page:
        return
    up, drawn = "../" * page.count("/"), all_figures(app)

    def link(found: re.Match[str]) -> str:
        linked = allowed_next_to_pages(found[1])
        return f'<a href="{up}data/{found[1]}">{found[0]}</a>' if linked else found[0]

    def rows(found: re.Match[str]) -> str:
        figure = drawn.get(found[1])
        if figure is None or "csv" not in figure.content:
            return found[0]
        return f'{found[0]} (<a href="{up}{FOLDER}/{figure.name}.csv">its data as CSV</a>)'

    context["body"] = _DRAWN.sub(rows, _TABLE.sub(link, context["body"]))


def place_of(app: Sphinx, page: str, cell: Cell) -> dict[str, Any]:
    """Return the values with which templates show where a code cell is.

    ``address`` is the address of the notebook in the public repository, at the commit from which
    the site was built. If this commit is not known, or if files were changed after it, the address
    is that of the notebook on the branch main. Without TIFA_REPOSITORY_URL, the address is "".
    """
    file = Path(app.env.doc2path(page)).relative_to(app.srcdir).as_posix()
    repository = os.environ.get("TIFA_REPOSITORY_URL", "").rstrip("/")
    commit = app.config.findings_imprint.get("commit", "")
    state = commit if re.fullmatch("[0-9a-f]{40}", commit) else "main"
    return {
        "file": file,
        "address": f"{repository}/blob/{state}/{file}" if repository else "",
        "title": app.env.titles[page].astext(),
        "number": cell.number,
        "heading": cell.heading,
    }


def rows_of(figure: SiteFigure, up: str) -> tuple[str, str]:
    """Return the text and the address of the link to the CSV file of a figure."""
    return f"rows of figure {figure.number} (CSV)", f"{up}{FOLDER}/{figure.name}.csv"


def drawn_in(figure: SiteFigure, text: str) -> bool:
    """Return whether a text contains numbers and all of them are in the data of a figure."""
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"<.*?>|(?<=\d),(?=\d)", "", text))
    rows = set(re.findall(r"\d+(?:\.\d+)?", figure.content.get("csv", "")))
    return bool(numbers) and rows.issuperset(numbers)


def tables(names: Iterable[str], up: str) -> list[tuple[str, str]]:
    """Return the name and address of each table; the address of tables not on the site is ""."""
    return [(n, f"{up}data/{n}" if allowed_next_to_pages(n) else "") for n in sorted(names)]


# --- numbers in the text ------------------------------------------------------------------


_VALUE = re.compile(r'<span class="findings-value value-(\w+)\.(\w+)">(.*?)</span>', re.S)


def add_values(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Add a list to the end of a page: from which code and tables its numbers are computed."""
    body = context.get("body", "")
    shown = {f"{topic}.{name}": printed for topic, name, printed in _VALUE.findall(body)}
    if not shown:
        return
    pages, up = read_ledger(app).pages, "../" * page.count("/")
    parts: dict[str, dict[str, Any]] = {}
    package = {r["path"]: r for r in read_package(tifa.data_folder())["resources"]}
    known, entries = all_figures(app), tifa.phrasebook().entries
    for key, printed in shown.items():
        topic, _, name = key.partition(".")
        path = Path(app.env.doc2path(pages[topic]))
        cell = cell_of(path, "note", topic, name)
        statements = [statement for c in code_cells(path) for statement in c.statements]
        made = origin(statements, topic, name, tifa.corpora())
        figure = known.get(shown_in(path)[1].get(cell.heading, ""))
        place = place_of(app, pages[topic], cell)
        row = place | {
            "corpora": tables_read(package, made, up),
            "files": files_read(package, made, up),
            "entries": [e.label for e in entries if e.id in made.strings],
            "rows": rows_of(figure, up) if figure and drawn_in(figure, printed) else None,
            "cell": f"{app.builder.get_relative_uri(page, pages[topic])}#note-{topic}",
        }
        # group numbers for which the list says the same; list equal code only once
        part = parts.setdefault(cell.heading or place["title"], {})
        group = part.setdefault(repr(row), row | {"numbers": [], "codes": {}})
        group["numbers"].append((key.replace(".", "-"), printed))
        code = made.code or f'note("{topic}", …)'
        group["codes"].setdefault(code, []).append(key.replace(".", "-"))
    body = _VALUE.sub(r'<span class="findings-value" data-from="\1-\2">\3</span>', body)
    context["body"] = body + render("values.html", parts=parts)
    app.add_js_file("values.js", type="module")


def tables_read(
    package: Mapping[str, Any], made: Origin, up: str
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the names of the corpora on which a value depends, each with the tables that are read.

    ``package`` maps the path of each table to its description in datapackage.json. Each returned
    table is a tuple of its name, the meaning of its rows, and its address.
    """
    found = []
    for corpus in made.corpora:
        read = []
        for path, about in package.items():
            if path.startswith(f"corpora/{corpus}/") and Path(path).stem in made.tables:
                row = about["description"].rstrip(".").removeprefix("A row is ")
                ((_, address),) = tables([path], up)
                read.append((Path(path).stem.replace("_", " "), row, address))
        found.append((NAMES[corpus], read))
    return found


def files_read(package: Mapping[str, Any], made: Origin, up: str) -> list[tuple[str, str]]:
    """Return the title and the address of each table whose file is read by the code of a value."""
    names = Counter(Path(path).name for path in package)
    unique = {Path(path).name: path for path in package if names[Path(path).name] == 1}
    paths = dict.fromkeys(unique.get(file, file) for file in made.files)
    return [(package[p]["title"], tables([p], up)[0][1]) for p in paths if p in package]


def anchor_notes(app: Sphinx, doctree: nodes.document) -> None:
    """Give the first cell that calls ``note(TOPIC, ...)`` the anchor note-TOPIC, for links to it.

    The anchor is at the code of the cell or, if the page shows only the output, at the output. If
    the page shows nothing of the cell, the anchor is at the last shown cell before it or, if there
    is none, at the first shown cell.
    """
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    boxes = [c for c in doctree.findall(nodes.container) if "cell_index" in c and len(c)]
    shown = {box["cell_index"]: box for box in boxes}
    if not shown:
        return
    seen = set[str]()
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for index, cell in enumerate(cells):
        box = shown[max((i for i in shown if i <= index), default=min(shown))]
        blocks = box.findall(nodes.literal_block)
        code = (b for b in blocks if b.parent.get("nb_element") == "cell_code_source")
        place = next(code, box)
        for topic in re.findall(r'\bnote\(\s*"(\w+)"', "".join(cell["source"])):
            if topic not in seen:
                place["ids"].append(f"note-{topic}")
            seen.add(topic)


# --- what a number is computed from -----------------------------------------------------------


#: Attributes of a corpus that return its tables.
READ = (
    *("collocates", "documents", "frames", "hits", "ngrams", "sentence_frames"),
    *("sentences", "similarity", "specifications", "terms"),
)
#: Expressions are shortened to this many characters on a page.
LONGEST = 240


@dataclass(frozen=True)
class Origin:
    """What a value that was passed to ``note`` is computed from."""

    #: the expression of the value, shortened if it is long
    code: str = ""
    #: the strings in the expression and in the statements on which it depends, without the
    #: dictionaries from which only single keys are read
    strings: frozenset[str] = frozenset()
    #: names of the files, corpora and tables of corpora on which the expression depends
    files: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def origin(statements: Sequence[ast.stmt], topic: str, name: str, corpora: Sequence[str]) -> Origin:
    """Find the expression in ``note(topic, name=...)``, and what this expression depends on.

    ``statements`` are all statements of the notebook; ``corpora`` are the names of all corpora. If
    the value is passed only in a dictionary (``**values``), the expression is the dictionary.
    Returns an empty Origin if no such call is found.

    >>> cells = ['quay = tifa.load("quay")', 'boats = quay.hits', 'note("fleet", n=len(boats))']
    >>> found = origin(ast.parse("\\n".join(cells)).body, "fleet", "n", ["quay", "lake"])
    >>> found.code, found.corpora, found.tables
    ('len(boats)', ('quay',), ('hits',))
    """
    noted = [
        (place, keyword)
        for place, statement in enumerate(statements)
        for function, text, keywords in calls(statement)
        for keyword in keywords
        if (function, text) == ("note", topic) and keyword.arg in (name, None)
    ]
    if not noted:
        return Origin()
    # take the last argument of this name or, if there is none, the last dictionary
    place, keyword = sorted(noted, key=lambda found: (found[1].arg == name, found[0]))[-1]
    value, before = keyword.value, "" if keyword.arg else "**"
    needed, used = _loaded(value), list[Any]([value])
    for statement in reversed(statements[: place + 1]):
        if _stored(statement) & needed:
            needed = needed - _set_anew(statement) | _loaded(statement)
            used.append(statement)
    # leave out dictionaries of which only single keys are read: most of their strings belong to
    # other keys
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
    """Return whether a statement assigns a dictionary that others in ``used`` read by key only."""
    made = statement.value if isinstance(statement, ast.Assign) else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name) or not isinstance(made, ast.Dict | ast.DictComp):
        return False
    others = [_uses(part) for part in used if part is not statement]
    named, members = (sum(use[place][target.id] for use in others) for place in (0, 1))
    return named == members > 0


@cache
def _uses(node: ast.AST) -> tuple[Counter[str], Counter[str]]:
    """Count how often each name occurs in code, and how often it occurs as ``name[key]``."""
    parts = [*ast.walk(node)]
    members = [n.value for n in parts if isinstance(n, ast.Subscript)]
    return tuple(  # type: ignore[return-value]
        Counter(n.id for n in some if isinstance(n, ast.Name)) for some in (parts, members)
    )


def _set_anew(statement: ast.stmt) -> set[str]:
    """Return the names to which a statement assigns a value that replaces the old one."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {name.id for name in _single(targets) if isinstance(name, ast.Name)}


@cache
def _stored(statement: ast.stmt) -> set[str]:
    """Return the names that a statement assigns, or whose value it may change (``x.append(1)``)."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets: list[ast.expr] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.NamedExpr):
            targets.append(node.target)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            targets.append(node.value.func)  # such as rows.append(row)
    stored = set()
    for target in _single(targets):
        base = target
        while isinstance(base, ast.Subscript | ast.Attribute | ast.Starred):
            base = base.value
        if isinstance(base, ast.Name):
            stored.add(base.id)
    return stored


def _single(targets: Iterable[ast.expr]) -> list[ast.expr]:
    """Return the targets of assignments as a list in which tuples are split into their elements."""
    tuples = (t.elts if isinstance(t, ast.Tuple | ast.List) else [t] for t in targets)
    return [target for several in tuples for target in several]
