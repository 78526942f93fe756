"""Show what a finding or a number in the text is computed from.

The mark of a finding (its id, such as F5.6) opens a panel with its estimate, its tables, the cell
that computes it, and what other choices would change. The panel is an HTML popover and needs no
script. At the end of a page, a list has the code that computes each number in the text; if a reader
clicks on a number, values.js shows its entry of the list next to it.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_findings import markup
from sphinx_findings.choices import changes
from sphinx_findings.ledger import list_of, make_anchor, read_ledger
from sphinx_findings.record import Finding

import tifa
from tifa.analysis.registered import outcomes, registration
from tifa.data.datapackage import read_package
from tifa.data.rights import allowed_next_to_pages
from tifa_book import raw, render
from tifa_book.figures import FOLDER, SiteFigure, all_figures
from tifa_book.notebook import Cell, Origin, cell_of, origin, shown_in, statements_of
from tifa_book.words import NAMES

#: Title of the fold with the registered claim, in the ledger and in panels.
BEFORE = "What was written down before"
#: Text in the ledger for a finding that has no registered claim.
NOT_REGISTERED = "No claim was written down before it was computed."
#: Matches the mark of a finding: a link where a page quotes the finding, a span in the notebook
#: that computes it.
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
    """Turn the mark of each finding into a button that opens the finding's panel.

    In chapters, ids of findings in prose become such buttons too.
    """
    body = context.get("body", "")
    chapter = page.startswith("notebooks/")
    if not (chapter or _MARK.search(body)):
        return
    ledger, panels = read_ledger(app), dict[str, str]()
    to, words = app.builder.get_relative_uri, app.config.findings_choices
    up = "../" * page.count("/")
    figures = reversed(all_figures(app).values())
    drawn = {f.finding: f for f in figures if "csv" in f.content}

    def source(finding: Mapping[str, Any]) -> Path:
        return Path(app.env.doc2path(finding["page"]))

    def mark(found: re.Match[str]) -> str:
        classes, name = (found[1], found[2]) if found[1] else (found[3], found[4])
        finding = ledger.findings.get(name)
        if finding is None:
            return found[0]
        anchor, given = make_anchor(name), ledger.verdicts.get(name)
        entry = f"{home}#{anchor}"
        panels[name] = render(
            "basis.html",
            finding=Finding(**{k: v for k, v in finding.items() if k != "page"}),
            anchor=anchor,
            entry=entry,
            cell=f"{to(page, finding['page'])}#at-{anchor}",
            source=place_of(app, finding["page"], cell_of(source(finding), "finding", name)),
            tables=tables(finding["tables"], up),
            rows=name in drawn and rows_of(drawn[name], up),
            choices=given and what_was_tried(name, given, words, up),
            registered=registered(app, name),
            before=BEFORE,
        )
        return button(name, anchor, classes, entry)

    home = to(page, app.config.findings_page)

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


def what_was_tried(
    finding: str, given: Mapping[str, Any], words: Mapping[str, str], up: str
) -> str:
    """Return HTML that says how other choices change a finding.

    ``given`` is the verdict on the finding, ``words`` the setting ``findings_choices``, which
    describes choices in words; ``up`` is the relative path from the page to the root of the site.
    """
    name = list_of(finding, given)
    return markup.render(
        "choices.html", list=name and up + name, legend=True, **changes(given, words)
    )


def registered(app: Sphinx | BuildEnvironment, finding: str) -> str:
    """Return HTML with the registered claim of a finding, and its outcome; "" if there is none."""
    asks = app.config.tifa_registered
    if finding not in asks:
        return ""
    claim = registration().claim(asks[finding])
    return render("registered.html", claim=claim, outcome=outcomes()[claim.id])


class RegisteredClaims(SphinxPostTransform):
    """Add the registered claim to each entry of the ledger, or a note that there is none."""

    default_priority = 6  # after FillIn of sphinx_findings, which inserts the ledger

    def run(self, **_: Any) -> None:
        if self.env.docname != self.app.config.findings_page:
            return
        names = {make_anchor(name): name for name in read_ledger(self.app).findings}
        for entry in list(self.document.findall(nodes.container)):
            name = next((names[i] for i in entry["ids"] if i in names), "")
            if name:
                claim = registered(self.env, name)
                fold = (
                    f'<details class="findings-source"><summary>{BEFORE}</summary>{claim}</details>'
                )
                node = raw(fold) if claim else nodes.paragraph("", NOT_REGISTERED)
                source = next(i for i, n in enumerate(entry) if "findings-source" in n.astext())
                entry.insert(source, node)


def button(
    text: str, anchor: str, classes: str, entry: str, title: str = "What it rests on"
) -> str:
    """Return a button that opens the panel of a finding.

    ``entry`` is the address of the finding in the ledger; the PDF, which has no panels, has a link
    to this address instead.
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
    """Return values for templates that say where a code cell is.

    The values are the file, the address of the file in the repository, the title of the page, the
    number of the cell, and the heading above the cell.
    """
    file = Path(app.env.doc2path(page)).relative_to(app.srcdir).as_posix()
    title = app.env.titles[page].astext()
    values = {"file": file, "address": address_of(app, file), "title": title}
    return values | {"number": cell.number, "heading": cell.heading}


def address_of(app: Sphinx, file: str) -> str:
    """Return the address of a file in the public repository, at the commit of the site.

    If that commit is not known, or if there are uncommitted changes, the address is that of the
    file on the branch main. Returns "" if TIFA_REPOSITORY_URL is not set.
    """
    repository = os.environ.get("TIFA_REPOSITORY_URL", "").rstrip("/")
    commit = app.config.findings_imprint.get("commit", "")
    state = commit if re.fullmatch("[0-9a-f]{40}", commit) else "main"
    return f"{repository}/blob/{state}/{file}" if repository else ""


def rows_of(figure: SiteFigure, up: str) -> tuple[str, str]:
    """Return text and address of the link to the CSV file of a figure."""
    return f"rows of figure {figure.number} (CSV)", f"{up}{FOLDER}/{figure.name}.csv"


def drawn_in(figure: SiteFigure, text: str) -> bool:
    """Return whether a text has numbers, and the data of a figure have all of them."""
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"<.*?>|(?<=\d),(?=\d)", "", text))
    rows = set(re.findall(r"\d+(?:\.\d+)?", figure.content.get("csv", "")))
    return bool(numbers) and rows.issuperset(numbers)


def tables(names: Iterable[str], up: str) -> list[tuple[str, str]]:
    """Return the name and address of each table; the address of tables not on the site is ""."""
    return [(n, f"{up}data/{n}" if allowed_next_to_pages(n) else "") for n in sorted(names)]


# --- numbers in the text ------------------------------------------------------------------


_VALUE = re.compile(r'<span class="findings-value value-(\w+)\.(\w+)">(.*?)</span>', re.S)


def add_values(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Add a fold to a page that says from which code and tables each number in the text comes."""
    body = context.get("body", "")
    shown = {f"{topic}.{name}": printed for topic, name, printed in _VALUE.findall(body)}
    if not shown:
        return
    pages, up = read_ledger(app).pages, "../" * page.count("/")
    parts: dict[str, dict[str, Any]] = {}
    package, entries = Package(tifa.data_folder()), tifa.phrasebook().entries
    known = all_figures(app)
    for key, printed in shown.items():
        topic, _, name = key.partition(".")
        path = Path(app.env.doc2path(pages[topic]))
        cell = cell_of(path, "note", topic, name)
        made = origin(statements_of(path), topic, name, tifa.corpora())
        figure = known.get(shown_in(path).first.get(cell.heading, ""))
        home = app.builder.get_relative_uri(page, pages[topic])
        place = place_of(app, pages[topic], cell)
        row = place | {
            "corpora": package.corpora(made, up),
            "files": package.files(made, up),
            "entries": [e.label for e in entries if e.id in made.strings],
            "rows": rows_of(figure, up) if figure and drawn_in(figure, printed) else None,
            "cell": f"{home}#note-{topic}",
        }
        # group numbers with the same place and tables; within a group, join those with equal code
        part = parts.setdefault(cell.heading or place["title"], {})
        group = part.setdefault(repr(row), row | {"numbers": [], "codes": {}})
        group["numbers"].append((key.replace(".", "-"), printed))
        code = made.code or f'note("{topic}", …)'
        group["codes"].setdefault(code, []).append(key.replace(".", "-"))
    body = _VALUE.sub(r'<span class="findings-value" data-from="\1-\2">\3</span>', body)
    context["body"] = body + render("values.html", parts=parts)
    app.add_js_file("values.js", type="module")


class Package:
    """Describes the tables below data/ as datapackage.json does."""

    def __init__(self, data: Path) -> None:
        self.about: dict[str, Any] = {r["path"]: r for r in read_package(data)["resources"]}
        names = Counter(Path(path).name for path in self.about)
        self.paths = {Path(p).name: p for p in self.about if names[Path(p).name] == 1}

    def corpora(self, made: Origin, up: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return, for each corpus on which a value depends, its name and the tables that are read.

        Each table is given as name, what a row is, and address.
        """
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
        """Return title and address of each table whose file the code of a value reads."""
        paths = dict.fromkeys(self.paths.get(file, file) for file in made.files)
        return [(self.about[p]["title"], tables([p], up)[0][1]) for p in paths if p in self.about]


def anchor_notes(app: Sphinx, doctree: nodes.document) -> None:
    """Give each cell that calls ``note(TOPIC, ...)`` the anchor note-TOPIC, for links to the cell.

    The anchor is at the code of the cell or, if the page shows only the output, at the output. If
    the page shows nothing of a cell, the anchor is at the last shown cell before it. If several
    cells use the same topic, the anchor is at the first.
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
