"""Convert the files of a public repository to one table of texts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from tifa.util.errors import TifaError

Row = dict[str, Any]


def table_of(files: Mapping[str, bytes], layout: str) -> pl.DataFrame:
    """Read the files of a repository, given as a mapping of path to content.

    Returns one row per text, sorted by path. ``layout`` is a key of ``LAYOUTS``. Raises TifaError
    if a file does not have this layout.
    """
    rows: list[Row] = []
    for name in sorted(files):
        try:
            rows += LAYOUTS[layout](name, files[name].decode("utf-8"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            kind = type(error).__name__
            raise TifaError(f"not in the layout {layout!r} ({kind}: {error})", where=name) from None
    return pl.DataFrame(rows, infer_schema_length=None)


def _xwlb(name: str, content: str) -> list[Row]:
    """Return a row for each item of a news broadcast, but not for the broadcast as a whole."""
    day = PurePosixPath(name).stem
    rows = []
    for item in json.loads(content)["videoList"]:
        title = item["video_title"].strip().removeprefix("[视频]")
        if "《新闻联播》" in title:
            continue
        text = _paragraphs((item.get("video_detail") or {}).get("content") or "")
        rows.append(
            {
                "id": item["video_id"],
                "date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "year": int(day[:4]),
                "num": int(item["num"]),
                "title": title,
                "url": item["video_url"],
                "chars": len(text),
                "text": text,
            }
        )
    return rows


def _paragraphs(markup: str) -> str:
    """Return the text of an item, one paragraph per line.

    Tags are removed with a regular expression, not with an HTML parser, because the published
    features were made in this way. One item, in which "<" means "less than", loses a few words.
    """
    text = re.sub(r"<br\s*/?>|</p>", "\n", markup, flags=re.IGNORECASE)
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ").replace("\u3000", " ")
    return "\n".join(filter(None, (line.strip() for line in text.split("\n"))))


#: A text with fewer characters is not a report, but an unfinished page (a stub) on Wikisource.
_LEAST_REPORT = 400


def _reports(name: str, content: str) -> list[Row]:
    rows = []
    for line in content.splitlines():
        report = json.loads(line)
        year, text = report.get("year"), report["content"]
        kind = "government work report" if year else "resolution on the report"
        if name.startswith("cpc_"):
            kind = "party congress report"
        rows.append(
            {
                "kind": kind if len(text) >= _LEAST_REPORT else "stub",
                "year": int(year) if year else None,
                "congress": report.get("congress"),
                "title": report["title"],
                "url": report["url"],
                "chars": len(text),
                "text": text,
            }
        )
    return rows


#: For each layout, the function that reads one of its files.
LAYOUTS: dict[str, Callable[[str, str], list[Row]]] = {"xwlb": _xwlb, "reports-zh": _reports}
