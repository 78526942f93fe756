"""What a finding rests on, in a panel that opens beside it: numbers, tables, cell, other choices.

The panel is a popover of HTML: it opens by pointer, finger and keyboard, without a script.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_findings import plain
from sphinx_findings.ledger import make_anchor, read_ledger
from sphinx_findings.record import Finding

from tifa.data.rights import allowed_next_to_pages
from tifa_book.markup import render

#: Points of a strip: its width, where the marks run, room at both ends.
WIDTH, MIDDLE, MARGIN = 300, 14, 10


#: The mark of a finding where a page quotes it, and where its notebook shows it.
_MARK = re.compile(
    r'<a class="(findings-link)[^>]*>(F[\d.]+)</a>|<span class="(findings-id)">(F[\d.]+)</span>'
)


def add_panels(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let the mark of a finding open what the finding rests on."""
    body = context.get("body", "")
    if not _MARK.search(body):
        return
    ledger, asked = read_ledger(app), dict[str, str]()
    up = app.builder.get_relative_uri

    def mark(found: re.Match[str]) -> str:
        looks, name = (found[1], found[2]) if found[1] else (found[3], found[4])
        finding = ledger.findings.get(name)
        if finding is None:
            return found[0]
        anchor = make_anchor(name)
        entry = f"{up(page, app.config.findings_page)}#{anchor}"
        asked[name] = render(
            "basis.html",
            finding=Finding(**{k: v for k, v in finding.items() if k != "page"}),
            anchor=anchor,
            entry=entry,
            title=app.env.titles[finding["page"]].astext(),
            cell=f"{up(page, finding['page'])}#at-{anchor}",
            source=find_source(app, finding["page"], name),
            tables=tables(finding["tables"], "../" * page.count("/")),
            strip=strip(ledger.verdicts.get(name)),
        )
        return button(name, anchor, looks, entry)

    body = _MARK.sub(mark, body)
    context["body"] = body + "".join(asked.values())


def button(name: str, anchor: str, looks: str, entry: str) -> str:
    """The mark of a finding, which opens its panel; ``entry`` is for paper, which has none."""
    return (
        f'<button type="button" class="{looks}" popovertarget="basis-{anchor}" '
        f'data-entry="{entry}" title="What {name} rests on">{name}</button>'
    )


def find_line(path: Path, name: str) -> int:
    """Line of a notebook's file in which a finding is recorded, counted from 1; 0 where none is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     _ = path.write_text('"finding(",\\n"    \\\\"F2.1\\\\",",\\n', "utf-8")
    ...     find_line(path, "F2.1"), find_line(path, "F2.2")
    (1, 0)
    """
    before = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if f'\\"{name}\\",' in line and "finding(" in before:
            return number
        before = line
    return 0


def find_source(app: Sphinx, page: str, name: str) -> dict[str, str]:
    """File and line of the cell, and its address where the repository has one."""
    file = Path(app.env.doc2path(page)).relative_to(app.srcdir).as_posix()
    line = find_line(Path(app.srcdir) / file, name)
    repository = os.environ.get("TIFA_REPOSITORY_URL", "").rstrip("/")
    commit = app.config.findings_imprint.get("commit", "")
    state = commit if re.fullmatch("[0-9a-f]{40}", commit) else "main"
    address = f"{repository}/blob/{state}/{file}?plain=1#L{line}" if repository else ""
    return {"file": file, "line": str(line), "address": address}


def tables(names: dict[str, str], up: str) -> list[tuple[str, str]]:
    """Each table with its address; none where the site does not have it."""
    return [(n, f"{up}data/{n}" if allowed_next_to_pages(n) else "") for n in sorted(names)]


def strip(given: dict[str, Any] | None) -> str:
    """Draw the choices that were changed alone: where the number comes out, and which turn it."""
    if not given or not given["tried"]:
        return ""
    values = [value for _, value, _ in given["tried"]]
    low, high = (f(*values, given["line"], given["published"]) for f in (min, max))
    room = (WIDTH - 2 * MARGIN) / ((high - low) or 1)
    turned = [choice for choice, _, turns in given["tried"] if turns]
    return render(
        "strip.html",
        width=WIDTH,
        middle=MIDDLE,
        marks=[(_at(value, low, room), turns, choice) for choice, value, turns in given["tried"]],
        line=_at(given["line"], low, room),
        published=_at(given["published"], low, room),
        quantity=given["quantity"],
        limit=plain(round(given["line"], 2)),
        value=plain(round(given["published"], 2)),
        turned=turned,
    )


def _at(value: float, low: float, room: float) -> float:
    return round(MARGIN + (value - low) * room, 1)
