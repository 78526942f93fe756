"""Say of each number in the text which line of which notebook computed it.

A fold at the end of a page lists its numbers; values.js shows a number's entry beside it on a
click or a tap.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx_findings.ledger import read_ledger

from tifa_book.basis import address_of
from tifa_book.markup import render

_VALUE = re.compile(r'<span class="findings-value value-(\w+)\.(\w+)">(.*?)</span>', re.S)


def add_values(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """List where the numbers of a page come from."""
    body = context.get("body", "")
    shown = {f"{topic}.{name}": said for topic, name, said in _VALUE.findall(body)}
    if not shown:
        return
    pages, rows = read_ledger(app).pages, []
    for key, said in shown.items():
        topic, _, name = key.partition(".")
        file = Path(app.env.doc2path(pages[topic])).relative_to(app.srcdir).as_posix()
        line, code = find_note(Path(app.srcdir, file), topic, name)
        rows.append(
            {
                "key": key.replace(".", "-"),
                "said": said,
                "file": file,
                "line": line,
                "code": code,
                "address": address_of(app, file, line),
                "title": app.env.titles[pages[topic]].astext(),
                "page": app.builder.get_relative_uri(page, pages[topic]),
            }
        )
    body = _VALUE.sub(r'<span class="findings-value" data-from="\1-\2">\3</span>', body)
    context["body"] = body + render("values.html", rows=rows)
    app.add_js_file("values.js", type="module")


def find_note(path: Path, topic: str, name: str) -> tuple[int, str]:
    r"""Line of a notebook's file in which a value is noted, counted from 1, and its code.

    Where the name is made by code, the line of the note itself.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     code = ["note(\n", '    "fleet",\n', "    skiffs=len(skiffs),\n", ")\n"]
    ...     _ = path.write_text(json.dumps({"source": code}, indent=1), "utf-8")
    ...     find_note(path, "fleet", "skiffs")
    (5, 'skiffs=len(skiffs),')
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    start = re.compile(rf'note\(\s*(\\n",\s*")?\s*\\"{topic}\\",')
    for at in range(len(lines)):
        begins = start.search("".join(lines[at : at + 2]))
        if begins is None or begins.start() >= len(lines[at]):
            continue
        for number in range(at, len(lines)):
            if re.search(rf'[\s"(]{name}=', lines[number]):
                return number + 1, _code(lines[number])
            if re.match(r'\s*"\)(\\n)?"', lines[number]) or '"cell_type"' in lines[number]:
                break
        return at + 1, f'note("{topic}", …)'
    return 0, ""


def _code(line: str) -> str:
    """A line of code without the dress of JSON."""
    return str(json.loads(line.strip().removesuffix(","))).strip()
