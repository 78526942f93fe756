"""Show what a finding or a number in the text is computed from.

The mark of a finding opens a panel with its numbers, tables, cell and other choices: a popover of
HTML, which needs no script. The lines that compute the numbers of a page are listed in a fold at
its end; values.js shows the entry of a number next to it on a click or a tap. They are found
without running the notebook: backwards from the note, through every statement that sets a name
which is needed.
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
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_findings import markup
from sphinx_findings.choices import changes
from sphinx_findings.ledger import make_anchor, read_ledger
from sphinx_findings.record import Finding
from sphinx_findings.tried import list_of

import tifa
from tifa.analysis.registered import outcomes, registration
from tifa.data.rights import allowed_next_to_pages
from tifa_book.figures import FOLDER, SiteFigure, all_figures, notebook_outputs
from tifa_book.markup import raw, render
from tifa_book.phrasebook import NAMES

#: Of a finding for which nothing was written down.
NOT_REGISTERED = "No claim was written down before it was computed."
#: The mark of a finding where a page quotes it, and where its notebook shows it.
_MARK = re.compile(
    r'<a class="(findings-link)[^>]*>(F[\d.]+)</a>|<span class="(findings-id)">(F[\d.]+)</span>'
)
#: The number of a finding in prose, outside of code, headings, drawings, links and its own mark.
_NAMED = re.compile(
    r"<(a|button|code|h\d|pre|script|style|summary|svg|template)\b.*?</\1>|<[^>]*>"
    r'|(?<!class="findings-id">)\bF\d+\.\d+\b',
    re.DOTALL,
)
_SURE = re.compile(r'<a class="(findings-sure findings-\w+)[^>]*href="([^"]*#(f[\d-]+))">(.*?)</a>')
_DRAWN = re.compile(r'<a [^>]*href="[^"]*#(fig-[\w-]+)">(?:a|the finding’s) figure</a>')
_TABLE = re.compile(r'<code[^>]*><span class="pre">([\w/.-]+)</span></code>(?= \(SHA-256)')


def add_panels(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let the mark of a finding open the panel with its numbers and tables."""
    body = context.get("body", "")
    chapter = page.startswith("notebooks/")
    if not (chapter or _MARK.search(body)):
        return
    ledger, asked = read_ledger(app), dict[str, str]()
    up, words = app.builder.get_relative_uri, app.config.findings_choices
    drawn = {f.finding: f for f in all_figures(app).values() if "csv" in f.content}

    def mark(found: re.Match[str]) -> str:
        looks, name = (found[1], found[2]) if found[1] else (found[3], found[4])
        finding = ledger.findings.get(name)
        if finding is None:
            return found[0]
        anchor, given = make_anchor(name), ledger.verdicts.get(name)
        entry = f"{home}#{anchor}"
        asked[name] = render(
            "basis.html",
            finding=Finding(**{k: v for k, v in finding.items() if k != "page"}),
            anchor=anchor,
            entry=entry,
            title=app.env.titles[finding["page"]].astext(),
            cell=f"{up(page, finding['page'])}#at-{anchor}",
            source=find_source(app, finding["page"], name),
            tables=tables(finding["tables"], "../" * page.count("/")),
            rows=name in drawn and rows_of(drawn[name], "../" * page.count("/")),
            choices=given and what_was_tried(name, given, words, "../" * page.count("/")),
            registered=registered(app, name),
        )
        return button(name, anchor, looks, entry)

    home = up(page, app.config.findings_page)

    def link(found: re.Match[str]) -> str:
        if found[0] not in ledger.findings:
            return found[0]
        return f'<a class="findings-link" href="{home}#{make_anchor(found[0])}">{found[0]}</a>'

    body = _NAMED.sub(link, body) if chapter else body
    body = _SURE.sub(lambda m: button(m[4], m[3], m[1], m[2]), body)
    body = _MARK.sub(mark, body)
    context["body"] = body + "".join(asked.values())


def what_was_tried(
    finding: str, given: Mapping[str, Any], words: Mapping[str, str], up: str
) -> str:
    """What other choices do to a finding; ``up`` leads from the page to the site."""
    name = list_of(finding, given)
    return markup.render("choices.html", list=name and up + name, **changes(given, words))


def registered(app: Sphinx | BuildEnvironment, finding: str) -> str:
    """The claim that was registered for a finding, and what would refute it; empty for none."""
    asks = app.config.tifa_registered
    if finding not in asks:
        return ""
    claim = registration().claim(asks[finding])
    return render("registered.html", claim=claim, outcome=outcomes()[claim.id])


class RegisteredClaims(SphinxPostTransform):
    """Add to each entry of the ledger the registered claim, or that none was registered."""

    default_priority = 6  # after the ledger is filled in

    def run(self, **_: Any) -> None:
        if self.env.docname != self.app.config.findings_page:
            return
        names = {make_anchor(name): name for name in read_ledger(self.app).findings}
        for entry in list(self.document.findall(nodes.container)):
            name = next((names[i] for i in entry["ids"] if i in names), "")
            if name:
                said = registered(self.env, name)
                told = raw(said) if said else nodes.paragraph("", NOT_REGISTERED)
                # before the fold with the tables that it is computed from
                source = next(i for i, n in enumerate(entry) if "findings-source" in n.astext())
                entry.insert(source, told)


def button(text: str, anchor: str, looks: str, entry: str) -> str:
    """A mark of a finding, which opens its panel; ``entry`` is for paper, which has none."""
    return (
        f'<button type="button" class="{looks}" popovertarget="basis-{anchor}" '
        f'data-entry="{entry}" title="What it rests on">{text}</button>'
    )


def link_tables(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link the tables that the ledger names to those next to the pages, and rows of its figures."""
    if page != app.config.findings_page:
        return
    up, drawn = "../" * page.count("/"), all_figures(app)

    def link(found: re.Match[str]) -> str:
        there = allowed_next_to_pages(found[1])
        return f'<a href="{up}data/{found[1]}">{found[0]}</a>' if there else found[0]

    def rows(found: re.Match[str]) -> str:
        figure = drawn.get(found[1])
        if figure is None or "csv" not in figure.content:
            return found[0]
        return f'{found[0]} (<a href="{up}{FOLDER}/{figure.name}.csv">its data as CSV</a>)'

    context["body"] = _DRAWN.sub(rows, _TABLE.sub(link, context["body"]))


def find_line(path: Path, name: str) -> int:
    r"""Line of a notebook's file in which a finding is recorded, counted from 1; 0 where none is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     code = ["chapter.finding(\n", '    "F2.1",\n', "    n=2,\n", ")\n"]
    ...     _ = path.write_text(json.dumps({"source": code}, indent=1), "utf-8")
    ...     find_line(path, "F2.1"), find_line(path, "F2.2")
    (3, 0)
    """
    text = path.read_text(encoding="utf-8")
    found = re.search(rf'finding\((\\n",\s*")?\s*\\"{re.escape(name)}\\",', text)
    return text[: found.start()].count("\n") + 1 if found else 0


def find_source(app: Sphinx, page: str, name: str) -> dict[str, str]:
    """The cell and its file, and its address where the repository has one."""
    path = Path(app.env.doc2path(page))
    file, line = path.relative_to(app.srcdir).as_posix(), find_line(path, name)
    number, heading = cell_at(path, line)
    there = {"file": file, "address": address_of(app, file, line)}
    return there | {"number": str(number), "heading": heading}


def cell_at(path: Path, line: int) -> tuple[int, str]:
    r"""The code cell that a line of a notebook's file is in: its number, and the heading above it.

    >>> import tempfile
    >>> cells = [{"cell_type": "code", "source": []}]
    >>> cells += [{"cell_type": "markdown", "source": ["## At the `quay`\n", "Boats."]}]
    >>> cells += [{"cell_type": "code", "source": ["n = 2"]}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     _ = path.write_text(json.dumps({"cells": cells}, indent=1), "utf-8")
    ...     cell_at(path, 18), cell_at(path, 4)
    ((2, 'At the quay'), (1, ''))
    """
    text = path.read_text(encoding="utf-8")
    before = "\n".join(text.splitlines()[:line])
    number = before.count('"cell_type": "code"')
    heading, met = "", 0
    for cell in json.loads(text)["cells"]:
        met += cell["cell_type"] == "code"
        if met == number:
            break
        if cell["cell_type"] == "markdown":
            found = re.findall(r"^#+ (.*)$", "".join(cell["source"]), re.M)
            heading = found[-1] if found else heading
    return number, plain_heading(heading)


def plain_heading(heading: str) -> str:
    """A heading without the marks of Markdown."""
    return re.sub(r"[`*]|\{[\w:]+\}", "", heading)


def address_of(app: Sphinx, file: str, line: int) -> str:
    """Address of a line of a file in the repository, at the commit of the site; empty for none."""
    repository = os.environ.get("TIFA_REPOSITORY_URL", "").rstrip("/")
    commit = app.config.findings_imprint.get("commit", "")
    state = commit if re.fullmatch("[0-9a-f]{40}", commit) else "main"
    return f"{repository}/blob/{state}/{file}?plain=1#L{line}" if repository else ""


def rows_of(figure: SiteFigure, up: str) -> tuple[str, str]:
    """The rows of a figure: what the link to them says, and its address."""
    return f"rows of figure {figure.number} (CSV)", f"{up}{FOLDER}/{figure.name}.csv"


def tables(names: Iterable[str], up: str) -> list[tuple[str, str]]:
    """Each table with its address; none where the site does not have it."""
    return [(n, f"{up}data/{n}" if allowed_next_to_pages(n) else "") for n in sorted(names)]


# --- numbers in the text ------------------------------------------------------------------


_VALUE = re.compile(r'<span class="findings-value value-(\w+)\.(\w+)">(.*?)</span>', re.S)


def add_values(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """List where the numbers of a page come from."""
    body = context.get("body", "")
    shown = {f"{topic}.{name}": said for topic, name, said in _VALUE.findall(body)}
    if not shown:
        return
    pages, rows, up = read_ledger(app).pages, [], "../" * page.count("/")
    package, entries = Package(tifa.data_folder()), tifa.phrasebook().entries
    known, drawn = all_figures(app), dict[str, dict[str, str]]()
    for key, said in shown.items():
        topic, _, name = key.partition(".")
        path = Path(app.env.doc2path(pages[topic]))
        file = path.relative_to(app.srcdir).as_posix()
        line = find_note(path, topic, name)
        made = origin(code_cells(path), topic, name, tifa.corpora())
        if pages[topic] not in drawn:
            drawn[pages[topic]] = first_figures(notebook_outputs(app, pages[topic]))
        number, heading = cell_at(path, line)
        figure = known.get(drawn[pages[topic]].get(heading, ""))
        home = app.builder.get_relative_uri(page, pages[topic])
        rows.append(
            {
                "key": key.replace(".", "-"),
                "said": said,
                "corpora": package.corpora(made, up),
                "files": package.files(made, up),
                "entries": [e.label for e in entries if e.id in made.said],
                "rows": rows_of(figure, up) if figure and "csv" in figure.content else None,
                "code": made.code or f'note("{topic}", …)',
                "cell": f"{home}#note-{topic}",
                "title": app.env.titles[pages[topic]].astext(),
                "number": number,
                "heading": heading,
                "file": file,
                "address": address_of(app, file, line),
            }
        )
    body = _VALUE.sub(r'<span class="findings-value" data-from="\1-\2">\3</span>', body)
    context["body"] = body + render("values.html", rows=rows)
    app.add_js_file("values.js", type="module")


def first_figures(said: str) -> dict[str, str]:
    """The anchor of the first figure under each heading of what a notebook says.

    >>> first_figures('# Boats\\n<figure id="fig-a"><figure id="fig-b">\\n## `Oars`\\n')
    {'Boats': 'fig-a'}
    """
    found: dict[str, str] = {}
    heading = ""
    for met in re.finditer(r'^#+ (.*)$|<figure [^>]*id="((?:fig|map)-[^"]+)"', said, re.M):
        if met[1]:
            heading = plain_heading(met[1])
        else:
            found.setdefault(heading, met[2])
    return found


class Package:
    """The tables below data/, in words."""

    def __init__(self, data: Path) -> None:
        package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
        self.about: dict[str, Any] = {r["path"]: r for r in package["resources"]}
        names = Counter(Path(path).name for path in self.about)
        self.paths = {Path(p).name: p for p in self.about if names[Path(p).name] == 1}

    def corpora(self, made: Origin, up: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Name of each corpus, and of its tables that were read the name, a row and address."""
        found = []
        for corpus in made.corpora:
            read = []
            for path, about in self.about.items():
                if path.startswith(f"corpora/{corpus}/") and Path(path).stem in made.tables:
                    row = about["description"].rstrip(".").removeprefix("A row is ")
                    ((_, address),) = tables([path], up)
                    read.append((Path(path).stem.replace("_", " "), row, address))
            found.append((NAMES[corpus], read))
        return found

    def files(self, made: Origin, up: str) -> list[tuple[str, str]]:
        """Title and address of each table that was read by its name."""
        paths = dict.fromkeys(self.paths.get(file, file) for file in made.files)
        return [(self.about[p]["title"], tables([p], up)[0][1]) for p in paths if p in self.about]


def anchor_notes(app: Sphinx, doctree: nodes.document) -> None:
    """Give every cell that notes values an anchor, note-TOPIC, to which the numbers lead.

    It is at the code; where that is not shown, at what the cell, or the last one that is shown
    before it, has made.
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


def find_note(path: Path, topic: str, name: str) -> int:
    r"""Line of a notebook's file in which a value is noted, counted from 1; 0 where none is.

    The line of the note itself, if the name is made by code.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     code = ["note(\n", '    "fleet",\n', "    skiffs=len(skiffs),\n", ")\n"]
    ...     _ = path.write_text(json.dumps({"source": code}, indent=1), "utf-8")
    ...     find_note(path, "fleet", "skiffs")
    5
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     code = ['note("quay", **named)\n', 'note("fleet", skiffs=3)\n']
    ...     _ = path.write_text(json.dumps({"source": code}, indent=1), "utf-8")
    ...     find_note(path, "quay", "skiffs")
    3
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    start = re.compile(rf'note\(\s*(\\n",\s*")?\s*\\"{topic}\\",')
    for at in range(len(lines)):
        begins = start.search("".join(lines[at : at + 2]))
        if begins is None or begins.start() >= len(lines[at]):
            continue
        for number in range(at, len(lines)):
            if re.search(rf'[\s"(]{name}=', lines[number]):
                return number + 1
            # the call ends in a line of its own, or in that in which it begins
            ends = re.match(r'\s*"(\)|note\(.*\))(\\n)?"', lines[number])
            if ends or '"cell_type"' in lines[number]:
                break
        return at + 1
    return 0


# --- what a number in the text is computed from ---------------------------------------------


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
    """An expression; texts in its code; what it reads: files by name, corpora, their tables."""

    code: str = ""
    said: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def origin(sources: Sequence[str], topic: str, name: str, corpora: Sequence[str]) -> Origin:
    """Find the expression of a noted value in the code cells of a notebook.

    A value whose name is made by code has the whole expression that makes it.

    >>> cells = ['quay = tifa.load("quay")', 'boats = quay.hits', 'note("fleet", n=len(boats))']
    >>> found = origin(cells, "fleet", "n", ["quay", "lake"])
    >>> found.code, found.corpora, found.tables
    ('len(boats)', ('quay',), ('hits',))
    """
    statements = [node for source in sources for node in _parse(source)]
    found: tuple[int, ast.expr, str] | None = None
    for place, statement in enumerate(statements):
        for said_of, keyword in _noted(statement):
            if said_of != topic:
                continue
            stars = keyword.arg is None
            if keyword.arg == name or (stars and (found is None or found[2])):
                found = place, keyword.value, "**" if stars else ""
    if found is None:
        return Origin()
    place, value, before = found
    needed, used = _loaded(value), list[ast.AST]([value])
    for statement in reversed(statements[: place + 1]):
        if _stored(statement) & needed:
            needed = needed - _set_anew(statement) | _loaded(statement)
            used.append(statement)
    said = frozenset(
        node.value
        for part in used
        if not _picked_from(part, used)
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    read = {n.attr for part in used for n in ast.walk(part) if isinstance(n, ast.Attribute)}
    code = " ".join((before + ast.unparse(value)).split())
    return Origin(
        code if len(code) <= LONGEST else f"{code[:LONGEST].rpartition(' ')[0]} …",
        said,
        tuple(sorted(s for s in said if re.fullmatch(r"[\w/-]+\.(csv|parquet)", s))),
        tuple(c for c in corpora if c in said),
        tuple(t for t in READ if t in read),
    )


def code_cells(path: Path) -> list[str]:
    """The code cells of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


# Cached, because these are asked of the same cells for each number of a page.


@cache
def _parse(source: str) -> list[ast.stmt]:
    """The statements of a cell; lines that are IPython's are left out."""
    plain = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    return ast.parse(plain).body


@cache
def _noted(statement: ast.stmt) -> list[tuple[object, ast.keyword]]:
    """The values that a statement notes, each with its topic."""
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
def _loaded(node: ast.AST) -> frozenset[str]:
    """Names that code reads, without those of its own comprehensions."""
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
    """Whether a statement makes a dictionary from which the others only take members, by key."""
    made = statement.value if isinstance(statement, ast.Assign) else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name) or not isinstance(made, ast.Dict | ast.DictComp):
        return False
    others = [node for part in used if part is not statement for node in ast.walk(part)]
    members = [n.value for n in others if isinstance(n, ast.Subscript)]
    named = [n for n in others if isinstance(n, ast.Name) and n.id == target.id]
    return bool(named) and all(any(name is one for one in members) for name in named)


def _set_anew(statement: ast.stmt) -> set[str]:
    """Names that a statement sets whatever they were before."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    names: list[ast.expr] = []
    for target in statement.targets if isinstance(statement, ast.Assign) else []:
        names += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    return {name.id for name in names if isinstance(name, ast.Name)}


@cache
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
