"""The command that gets and checks full texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from tifa.cli.options import Data
from tifa.util.data_folder import data_folder
from tifa.util.errors import one_line

if TYPE_CHECKING:
    from tifa.fetch import Report, State

#: Lines of one kind; what is more is counted.
_NAMED = 20


def fetch_command(
    corpus: Annotated[str, typer.Argument(help="Name of the corpus: briefing, xi, ungdc.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A folder (or archive) with texts that you have: they are checked and taken from "
            "there, and no host is asked.",
            metavar="PATH",
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Take a text that differs all the same, by the id of its document.",
            metavar="DOC_ID",
        ),
    ] = None,
    contact: Annotated[
        str,
        typer.Option(
            help="Your address or page: told to the hosts, so that they can reach you.",
            metavar="TEXT",
        ),
    ] = "",
    data: Data = None,
    wayback: Annotated[
        str, typer.Option(hidden=True, help="Another Wayback Machine, for tests.")
    ] = "",
    dataverse: Annotated[
        str, typer.Option(hidden=True, help="Another Dataverse: a mirror, or for tests.")
    ] = "",
    pause: Annotated[
        float, typer.Option(hidden=True, min=0, help="Seconds between requests, for tests.")
    ] = 1.0,
) -> None:
    """Get the texts of a corpus, and check that they are the ones that were counted.

    They go to TIFA_TEXTS (else data/texts), which git must not track. A text that differs is kept
    aside until you accept it. Exit status: 0 if every text is there and verified (or accepted),
    1 if something is missing or differs, 2 for a mistake in the command.

    Example: `tifa fetch briefing`, `tifa fetch xi --from ~/speeches`
    """
    # what it stands on takes a second to load: no other command should wait for it
    from tifa.fetch import Client, Hosts, Wayback, fetch_corpus  # noqa: PLC0415

    usual = Hosts()
    hosts = Hosts(
        Wayback(wayback, wayback) if wayback else usual.wayback, dataverse or usual.dataverse
    )
    client = Client(pause=pause, contact=contact, bar=True)
    with tqdm(desc=corpus, unit=" texts", disable=None) as bar:
        report = fetch_corpus(
            corpus,
            data=data or data_folder(),
            source=source,
            accept=accept or (),
            client=client,
            hosts=hosts,
            progress=bar.update,
        )
    for line in report_lines(report):
        typer.echo(one_line(line) if line else line)
    if not report.complete:
        raise typer.Exit(1)


def report_lines(report: Report) -> list[str]:
    """Say what is there, how it was verified, and what to do about the rest."""
    corpus, folder = report.shelf.overlay.corpus, report.shelf.folder
    good = report.having("text", "features", "accepted")
    n = len(report.states)
    lines = [f"{corpus}: {'all ' if len(good) == n else ''}{len(good):,} of {n:,} verified"]
    if accepted := report.having("accepted"):
        lines[0] = lines[0].replace("verified", f"verified or accepted ({len(accepted):,})")
    lines[0] += f" in {folder}"
    if text := report.having("text"):
        lines.append(f"same text: {len(text):,} (SHA-256 of the normalised text)")
    lines += _each(
        report.having("features"),
        lambda d, _: f"same features, other text: {d} (all its tables are the published ones)",
    )
    lines += _each(report.having("accepted"), lambda d, s: f"accepted: {d}, {_difference(s)}")
    lines += [
        f"note: {d}: same text, but {v.sentences[0]} sentences where {v.sentences[1]} are "
        "published: its line breaks differ"
        for d, v in ((d, s.verdict) for d, s in text.items())
        if v and v.sentences
    ]
    lines += _each(
        report.having("aside"),
        lambda d, s: (
            f"differs, kept aside: {d}, {_difference(s)}; read {s.path}, then "
            f"tifa fetch {corpus} --accept {d}, or delete it and fetch again"
        ),
    )
    lines += _each(
        report.having("differs"),
        lambda d, s: (
            f"differs: {d}, {_difference(s)}; it lies at {s.path}: replace it, or "
            f"tifa fetch {corpus} --accept {d}"
        ),
    )
    lines += _each(
        {d: s for d, s in report.states.items() if s.brought},
        lambda d, s: (
            f"differs: {d} as brought, {_difference(s)}; the text in place is right and was kept"
        ),
    )
    return [
        *lines,
        *_missing(report),
        *_some([f"note: {n}" for n in report.notes]),
        *_some([f"passed over: {n}" for n in report.passed_over]),
    ]


def _difference(state: State) -> str:
    verdict = state.brought or state.verdict
    if verdict is None:
        return ""
    if not verdict.tables:
        return "its beginning is not what the reader expects"
    return (
        f"{100 * verdict.likeness:.1f} % in common, {verdict.words:,} words where "
        f"{verdict.published_words:,} are published, differing in {', '.join(verdict.tables)}"
    )


def _each(states: dict[str, State], say: Callable[[str, State], str]) -> list[str]:
    return _some([say(d, s) for d, s in states.items()])


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _NAMED
    return [*lines[:_NAMED], *([f"... and {more:,} more like the last"] if more > 0 else [])]


def _missing(report: Report) -> list[str]:
    missing = report.having("missing")
    corpus = report.shelf.overlay.corpus
    lines: list[str] = []
    reasons: dict[str, list[str]] = {}
    for doc_id, state in missing.items():
        reasons.setdefault(state.why, []).append(doc_id)
    for why, doc_ids in reasons.items():
        if why:
            named = ", ".join(doc_ids[:3]) + (", ..." if len(doc_ids) > 3 else "")
            lines.append(f"missing {len(doc_ids):,}: {named}: {why}")
    if sought := reasons.get(""):
        rows = report.published.documents.select("doc_id", "date", "title")
        lines.append(
            f"missing {len(sought):,}, with no address to fetch them from. Source: "
            f"{report.shelf.overlay.source}. Look for:"
        )
        lines += [
            f"{date or 'no date'} {title or 'no title'} [{doc_id}]"
            for doc_id, date, title in rows.iter_rows()
            if doc_id in sought
        ]
        lines.append(
            "save each as .txt or .html in one folder, under its id or any other name; then: "
            f"tifa fetch {corpus} --from FOLDER"
        )
    return lines
