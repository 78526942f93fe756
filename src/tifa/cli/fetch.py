"""The command ``tifa fetch``, which fetches and checks full texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm
from typer import Argument, Option

from tifa.cli.options import Data
from tifa.util.data_folder import data_folder
from tifa.util.errors import one_line

if TYPE_CHECKING:
    from tifa.fetch import Report, State

#: Largest number of lines of one kind to print; further lines are only counted.
_NAMED = 20


def fetch_command(
    corpus: Annotated[str, Argument(help="Name of the corpus: briefing, xi, ungdc, xwlb.")],
    source: Annotated[
        Path | None,
        Option(
            "--from",
            help="A folder (or archive) with texts that you have: they are checked and taken from "
            "there, and no host is asked.",
            metavar="PATH",
        ),
    ] = None,
    contact: Annotated[
        str,
        Option(
            help="Your address or page: told to the hosts, so that they can reach you.",
            metavar="TEXT",
        ),
    ] = "",
    data: Data = None,
    wayback: Annotated[str, Option(hidden=True, help="Another Wayback Machine, for tests.")] = "",
    pause: Annotated[
        float, Option(hidden=True, min=0, help="Seconds between requests, for tests.")
    ] = 1.0,
) -> None:
    """Get the texts of a corpus, and check that they are the ones that were counted.

    They go to TIFA_TEXTS (else data/texts), which git must not track. Existing files are not
    overwritten. Exit status: 0 if every text is there and verified, 1 if something is missing or
    differs, 2 for a mistake in the command.

    Example: `tifa fetch briefing`, `tifa fetch xi --from ~/speeches`
    """
    # imported here, because the libraries for fetching take a second to load
    from tifa.fetch import Client, Hosts, fetch_corpus  # noqa: PLC0415

    hosts = Hosts(wayback, wayback) if wayback else Hosts()
    with tqdm(desc=corpus, unit=" texts", disable=None) as bar:
        report = fetch_corpus(
            corpus,
            data=data or data_folder(),
            source=source,
            client=Client(pause=pause, contact=contact, bar=True),
            hosts=hosts,
            progress=bar.update,
        )
    for line in report_lines(report):
        typer.echo(one_line(line))
    if not report.complete:
        raise typer.Exit(1)


def report_lines(report: Report) -> list[str]:
    """Return lines for the user: which texts are verified, and what to do about the others."""
    good, n = report.having("text", "features"), len(report.states)
    corpus = report.published.overlay.corpus
    found = f"{'all ' if len(good) == n else ''}{len(good):,} of {n:,} verified"
    lines = [f"{corpus}: {found} in {report.folder}"]
    if text := report.having("text"):
        lines.append(f"same text: {len(text):,} (SHA-256 of the normalised text)")
    lines += _some(
        f"note: {d}: same text, but its line breaks make other sentences"
        for d, s in text.items()
        if s.verdict and s.verdict.tables
    )
    lines += _some(
        f"same features, other text: {d} (all its tables are the published ones)"
        for d in report.having("features")
    )
    words = report.published.words
    lines += _some(_differing(d, s, words[d]) for d, s in report.having("differs").items())
    lines += _missing(report)
    lines += _some(f"note: {n}" for n in report.notes)
    return lines + _some(f"passed over: {n}" for n in report.passed_over)


def _differing(doc_id: str, state: State, published_words: int) -> str:
    verdict, path = state.verdict, state.path
    assert verdict is not None
    how = "the same text"
    if verdict.tables:
        how = (
            f"{100 * verdict.likeness:.1f} % in common, {verdict.words:,} words where "
            f"{published_words:,} are published, differing in {', '.join(verdict.tables)}"
        )
    message = f"differs: {doc_id}, {how}; read {path}"
    if state.target in (None, path):
        return message
    return f"{message}; to use it all the same, move it to {state.target}"


def _some(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    more = [f"... and {len(found) - _NAMED:,} more like the last"] if found[_NAMED:] else []
    return found[:_NAMED] + more


def _missing(report: Report) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for doc_id, state in report.having("missing").items():
        reasons.setdefault(state.why, []).append(doc_id)
    sought = reasons.pop("", [])
    lines = [
        f"missing {len(ids):,}: {', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''}: {why}"
        for why, ids in reasons.items()
    ]
    overlay = report.published.overlay
    if sought:
        rows = report.published.documents.select("doc_id", "date", "title").iter_rows()
        lines.append(
            f"missing {len(sought):,}, with no address to fetch them from. Source: "
            f"{overlay.source}. Look for:"
        )
        lines += [
            f"{date or 'no date'} {title or 'no title'} [{doc_id}]"
            for doc_id, date, title in rows
            if doc_id in set(sought)
        ]
    if lines:
        how = f"get all of them from their source ({overlay.source})"
        if overlay.reader == "folder":
            how = "save each as .txt or .html in one folder, under its id or any other name"
        lines.append(f"{how}; then: tifa fetch {overlay.corpus} --from FOLDER")
    return lines
