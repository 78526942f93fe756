"""Get the texts of a corpus, or check those that are there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tifa.data.files import write_file
from tifa.data.metadata import read_overlay
from tifa.fetch.archive import ARCHIVES, ArchiveError
from tifa.fetch.article import PAGE_BYTES, PAGE_SECONDS, PAGE_TYPES, article_readings
from tifa.fetch.candidates import Candidate, Judged, inside, judge, judge_speeches, read_candidates
from tifa.fetch.client import Client, FetchError
from tifa.fetch.dataverse import HARVARD, fetch_dataset
from tifa.fetch.shelf import (
    Shelf,
    accepted,
    clear_staging,
    digest,
    land,
    locked,
    note,
    put,
    put_listing,
    shelf,
    unpack_to_staging,
)
from tifa.fetch.verify import Published, Verdict, check
from tifa.fetch.wayback import Wayback, capture
from tifa.lexicon.model import Lexicon, read_frames, read_phrasebook
from tifa.sources.document import decode
from tifa.sources.ungdc import read_speakers
from tifa.util.errors import TifaError

#: Where a document stands. text, features: verified by this step. accepted: differs, by the
#: user's will. aside: differs, waits for the user. differs: in its place, but not the text.
Status = Literal["text", "features", "accepted", "aside", "differs", "missing"]
GOOD: tuple[Status, ...] = ("text", "features", "accepted")
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)")


@dataclass
class State:
    """Where one document stands."""

    status: Status
    verdict: Verdict | None = None
    #: Where its text lies.
    path: Path | None = None
    #: Where it came from, in this run; empty where it was there.
    source: str = ""
    #: Why it is missing.
    why: str = ""
    #: Set where a text that was brought differs, though the one in place is right.
    brought: Verdict | None = None


@dataclass
class Report:
    """What a run found and did."""

    shelf: Shelf
    published: Published
    states: dict[str, State]
    #: What else the user must know, a line each.
    notes: list[str] = field(default_factory=list)
    #: Files that were brought and are no text of this corpus, a line each.
    passed_over: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every document is there, verified or accepted, and nothing else is amiss."""
        return not self.notes and all(
            s.status in GOOD and s.brought is None for s in self.states.values()
        )

    def having(self, *statuses: Status) -> dict[str, State]:
        """Documents that stand so."""
        return {d: s for d, s in self.states.items() if s.status in statuses}


@dataclass(frozen=True)
class Hosts:
    """Where to ask; other addresses than the usual are for tests and mirrors."""

    wayback: Wayback = field(default_factory=Wayback)
    dataverse: str = HARVARD


def fetch_corpus(
    corpus: str,
    *,
    data: Path,
    source: Path | None = None,
    accept: Sequence[str] = (),
    client: Client | None = None,
    hosts: Hosts | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Report:
    """Get the texts of a corpus and check every one against the published features.

    What is there and right is not asked for again; what differs is kept aside; nothing that
    stands in its place is lost.

    Parameters
    ----------
    corpus
        A corpus with features in data/.
    data
        The data folder.
    source
        A folder or an archive with the texts; then no host is asked.
    accept
        Documents whose differing texts are accepted; then nothing is fetched.
    client, hosts
        What asks, and whom.
    progress
        Called with the number of texts checked since the last call.

    Returns
    -------
    Report

    Raises
    ------
    TifaError
        For a corpus without features; a folder that cannot be written, or that git would track;
        another run at work there; an id to accept that has no differing text.

    """
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    if overlay.reader not in ("folder", "ungdc"):
        raise TifaError(
            f"the texts of {corpus!r} are read where you keep them; tifa extract {corpus} reads "
            "them, and git diff shows what changed"
        )
    lexicon = Lexicon(
        read_phrasebook(data / "lexicon" / "phrases.yml"),
        read_frames(data / "lexicon" / "frames.yml"),
    )
    published = Published(data / "corpora" / corpus, overlay, lexicon)
    places = shelf(data, overlay, list(published.hashes))
    report = look(places, published, progress)
    _check_ids(accept, report)
    if accept and source is not None:
        raise TifaError("--accept and --from: give one of them at a time")
    if accept:
        with locked(places):
            for doc_id in accept:
                _accept(doc_id, report)
            put_listing(places, published)
        report = look(places, published, progress)
    else:
        found = list(report.notes)
        _bring(_Work(report, client or Client(), hosts or Hosts(), progress), source)
        if found:
            # what was amiss in place may have been mended
            still = look(places, published, progress).notes
            report.notes = [n for n in report.notes if n not in found or n in still]
    _check_speakers(report)
    return report


def _bring(work: _Work, source: Path | None) -> None:
    """Take what is missing from a folder or from the hosts; the folder is written by one run."""
    report = work.report
    if source is None:
        if report.shelf.overlay.reader == "ungdc":
            wanted = bool(report.having("differs", "missing"))
        else:
            wanted = bool(_addresses(report))
        if wanted:
            with locked(report.shelf):
                work.fetch()
        return
    source = inside(source, report.shelf.overlay.corpus)
    if report.having("differs", "missing", "aside"):
        with locked(report.shelf):
            work.take(source)
    else:
        # everything is right: what was brought is only checked, and nothing is written
        work.take(source)


def _addresses(report: Report) -> dict[str, tuple[str, str]]:
    """Address and day of the documents that are to be fetched from pages."""
    rows = report.published.documents.select("doc_id", "url", "date").fill_null("").iter_rows()
    wanted = report.having("differs", "missing")
    return {
        doc_id: (url, date)
        for doc_id, url, date in rows
        if doc_id in wanted and url and not _DOI.fullmatch(url)
    }


# --- what is there ------------------------------------------------------------------------


def look(places: Shelf, published: Published, progress: Callable[[int], object]) -> Report:
    """Check what lies in place and aside."""
    report = Report(places, published, {d: State("missing") for d in published.hashes})
    problems: list[str] = []
    others: list[str] = []
    if places.folder.is_dir():
        candidates = _in_place(read_candidates(places.folder, places, published, problems), places)
        for judged in judge_speeches(_named(candidates, others), published, progress):
            verdict, path = judged.verdict, places.folder / judged.candidate.name
            readable = places.readable(verdict.doc_id, judged.candidate.content)
            status: Status = verdict.step if readable else "differs"
            report.states[verdict.doc_id] = State(status, verdict, path)
    if others:
        report.notes.append(
            f"{len(others):,} texts in {places.folder} are not among the published and would be "
            f"counted: {', '.join(others[:3])}{', ...' if len(others) > 3 else ''}"
        )
    report.notes += problems
    taken = accepted(places)
    for doc_id, state in report.states.items():
        if state.verdict and (doc_id, state.verdict.sha256) in taken and state.status == "differs":
            state.status = "accepted"
        aside = places.aside(doc_id)
        if state.status not in GOOD and aside.is_file():
            try:
                text = decode(aside.read_bytes(), where=aside)
            except TifaError as error:
                report.notes.append(str(error))
                continue
            report.states[doc_id] = State("aside", check({doc_id: text}, published)[doc_id], aside)
    return report


def _in_place(candidates: Iterable[Candidate], places: Shelf) -> Iterator[Candidate]:
    """Those that the reader would take: of a folder the .txt in it, not what lies below."""
    for candidate in candidates:
        deep = "/" in candidate.name or not candidate.name.endswith(".txt")
        if places.overlay.reader == "ungdc" or not deep:
            yield candidate


def _named(candidates: Iterable[Candidate], others: list[str]) -> Iterator[Candidate]:
    """Those whose name is a document's; the names of the others are kept."""
    for candidate in candidates:
        if candidate.doc_id:
            yield candidate
        else:
            others.append(candidate.name)


def _check_speakers(report: Report) -> None:
    """Speakers and posts come from a list beside the speeches."""
    places = report.shelf
    if places.overlay.reader != "ungdc" or not report.having(*GOOD):
        return
    sheets = sorted(places.folder.glob("Speakers*.xlsx"))
    if not sheets:
        report.notes.append(
            f"no Speakers_by_session.xlsx in {places.folder}: who spoke would stay empty"
        )
        return
    speakers = read_speakers(sheets[0])
    columns = ["doc_id", "country", "session", "author", "post"]
    differing = [
        doc_id
        for doc_id, code, session, author, post in report.published.documents.select(
            columns
        ).iter_rows()
        if speakers.get((code, session), ("", "")) != (author or "", post or "")
    ]
    if differing:
        report.notes.append(
            f"{sheets[0]}: speaker or post differ from the published in {len(differing):,} "
            f"documents, first {differing[0]}"
        )


# --- the user's word ----------------------------------------------------------------------


def _check_ids(accept: Sequence[str], report: Report) -> None:
    for doc_id in accept:
        state = report.states.get(doc_id)
        if state is None:
            raise TifaError(f"no document {doc_id!r} in {report.shelf.overlay.corpus}")
        if state.status not in ("aside", "differs"):
            raise TifaError(
                f"{doc_id!r} has no text that differs: it is "
                + ("missing" if state.status == "missing" else "right already")
            )


def _accept(doc_id: str, report: Report) -> None:
    state, places = report.states[doc_id], report.shelf
    if state.path is None or state.verdict is None:
        raise AssertionError(doc_id)
    if state.status == "aside":
        text = decode(state.path.read_bytes(), where=state.path)
        _note(places, state.verdict, "accepted", str(state.path), state.path.read_bytes())
        put(places, doc_id, places.content(doc_id, text))
        state.path.unlink()
    else:
        content = state.path.read_bytes()
        _note(places, state.verdict, "accepted", str(state.path), content)
        if not places.readable(doc_id, content):
            text = decode(content, where=state.path)
            put(places, doc_id, places.content(doc_id, text), before=state.path)


def _note(places: Shelf, verdict: Verdict, status: str, source: str, content: bytes) -> None:
    note(
        places,
        doc_id=verdict.doc_id,
        status=status,
        source=source,
        sha256=verdict.sha256,
        file_sha256=digest(content) if content else None,
        likeness=round(verdict.likeness, 4),
    )


# --- what is brought ----------------------------------------------------------------------


@dataclass
class _Work:
    """One run that writes."""

    report: Report
    client: Client
    hosts: Hosts
    progress: Callable[[int], object]

    def fetch(self) -> None:
        """Ask the hosts for the documents that are not there."""
        places = self.report.shelf
        found = _DOI.fullmatch(places.overlay.defaults.url)
        if places.overlay.reader == "ungdc":
            if not found:
                raise TifaError(
                    f"no DOI in the url of {places.overlay.corpus}.yml; give a folder with --from"
                )
            self._fetch_dataset(found[1])
            return
        for doc_id, (url, date) in _addresses(self.report).items():
            self._fetch_page(doc_id, url, date, self.report.states[doc_id])
            self.progress(1)
        put_listing_if_any(self.report)

    def _fetch_page(self, doc_id: str, url: str, date: str, state: State) -> None:
        """The page, else the Wayback Machine's copy of it; of two that differ the likest."""
        places = self.report.shelf
        reasons: list[str] = []
        best: tuple[Judged, str] | None = None
        for kept in (False, True):
            try:
                address = capture(self.client, self.hosts.wayback, url, date) if kept else url
                path = places.work / f"{doc_id}.html"
                _make(path.parent)
                answer = self.client.download(
                    address,
                    path,
                    types=PAGE_TYPES,
                    limit=PAGE_BYTES,
                    robots=True,
                    patience=PAGE_SECONDS,
                )
                readings = article_readings(path.read_bytes(), charset=answer.charset)
                judged = judge(
                    Candidate(doc_id, tuple(readings), b"", address),
                    self.report.published,
                    places,
                )
            except FetchError as error:
                reasons.append(str(error))
                continue
            if judged is None:
                raise AssertionError(doc_id)
            if best is None or judged.verdict.likeness > best[0].verdict.likeness:
                best = (judged, address)
            if judged.verdict.step != "differs":
                best = (judged, address)
                break
        if best is None:
            state.why = "; ".join(reasons)
            return
        self._settle(best[0], best[1])

    def _settle(self, judged: Judged, source: str) -> None:
        """Put a verified text in its place, another aside."""
        places, doc_id = self.report.shelf, judged.verdict.doc_id
        state = self.report.states[doc_id]
        good = judged.verdict.step != "differs"
        if state.status in GOOD:
            if not good:
                state.brought = judged.verdict
            return
        content = _content(judged, places)
        if good:
            now = State(judged.verdict.step, judged.verdict, places.place(doc_id), source)
        else:
            now = State("aside", judged.verdict, places.aside(doc_id), source)
        # noted first: a run that is cut off here leaves no text of which nobody knows the source
        _note(places, judged.verdict, now.status, source, content)
        if good:
            before = state.path if state.status == "differs" else None
            put(places, doc_id, content, before=before)
            places.aside(doc_id).unlink(missing_ok=True)
        else:
            write_file(places.aside(doc_id), judged.text.strip("\n").encode() + b"\n")
        self.report.states[doc_id] = now

    # --- a data set -----------------------------------------------------------------------

    def _fetch_dataset(self, doi: str) -> None:
        places = self.report.shelf
        self._refuse_sealed()
        said = re.search(r"version (\d+)", places.overlay.source)
        try:
            got = fetch_dataset(
                self.client,
                doi,
                places.work,
                version=said[1] if said else "",
                base=self.hosts.dataverse,
            )
        except FetchError as error:
            for state in self.report.having("missing", "differs").values():
                state.why = str(error)
            return
        if said and got.version.split(".")[0] != said[1]:
            self.report.notes.append(
                f"the server has version {got.version}, the features are from version {said[1]}"
            )
        try:
            self._speeches(got.archive, f"{self.hosts.dataverse}, doi:{doi}, version {got.version}")
        except ArchiveError as error:
            for state in self.report.having("missing", "differs").values():
                state.why = str(error)
            return
        self._bring_speakers(got.speakers)
        if not self.report.having("missing", "aside", "differs"):
            # everything of it lies in its place now
            got.archive.unlink()

    def _refuse_sealed(self) -> None:
        """Speeches that lie in an archive cannot be mended one by one."""
        folder = self.report.shelf.folder
        sealed = [p for p in folder.glob("*") if ARCHIVES.fullmatch(p.name)]
        if sealed:
            bad = self.report.having("missing", "differs")
            raise TifaError(
                f"{len(bad):,} of the published speeches are missing here or differ, first "
                f"{min(bad)}; move this archive elsewhere and run again (with --from it is "
                "unpacked, and what differs is kept aside)",
                where=sealed[0],
            )

    def _speeches(self, source: Path, name: str) -> None:
        places, published = self.report.shelf, self.report.published
        problems: list[str] = []
        others: list[str] = []
        clear_staging(places)
        found = _named(read_candidates(source, places, published, problems), others)
        landing: dict[str, State] = {}
        for judged in judge_speeches(found, published, self.progress):
            doc_id, state = judged.verdict.doc_id, self.report.states[judged.verdict.doc_id]
            if judged.verdict.step == "differs" or state.status == "differs":
                self._settle(judged, name)
            elif state.status not in GOOD:
                unpack_to_staging(places, doc_id, judged.candidate.content)
                landing[doc_id] = State(
                    judged.verdict.step, judged.verdict, places.place(doc_id), name
                )
        if landing:
            # noted first, as each text above; in one line, as
            # ten thousand lines would say no more: the hash of each stands in the documents table
            note(
                places,
                source=name,
                file=source.name,
                file_sha256=_file_digest(source) if source.is_file() else None,
                status="text or features",
                documents=len(landing),
            )
        for state in landing.values():
            if state.status == "features" and state.verdict:
                _note(places, state.verdict, "features", name, b"")
        land(places)
        self.report.states |= landing
        for doc_id in landing:
            places.aside(doc_id).unlink(missing_ok=True)
        self.report.passed_over += problems
        for state in self.report.having("missing").values():
            state.why = f"not in {source.name}"

    def _bring_speakers(self, sheet: Path | None) -> None:
        places = self.report.shelf
        if places.folder.is_dir() and not list(places.folder.glob("Speakers*.xlsx")) and sheet:
            write_file(places.folder / "Speakers_by_session.xlsx", sheet.read_bytes())

    # --- a folder -------------------------------------------------------------------------

    def take(self, source: Path) -> None:
        """Take the texts from a folder or an archive."""
        places, published = self.report.shelf, self.report.published
        if places.overlay.reader == "ungdc":
            if self.report.having("missing", "differs"):
                self._refuse_sealed()
            self._speeches(source, str(source))
            near = source.parent if source.is_file() else source
            sheets = sorted(near.rglob("Speakers*.xlsx"))
            self._bring_speakers(sheets[0] if sheets else None)
            return
        if source.is_file():
            raise TifaError("expected a folder with .txt or .html files", where=source)
        problems: list[str] = []
        for candidate in read_candidates(source, places, published, problems):
            judged = judge(candidate, published, places)
            self.progress(1)
            if judged is None:
                problems.append(f"{source / candidate.name}: like none of the published texts")
                continue
            state = self.report.states[judged.verdict.doc_id]
            # of several files for one document the best counts
            if state.source and state.verdict and _rank(state.verdict) >= _rank(judged.verdict):
                continue
            self._settle(judged, str(source / candidate.name))
        self.report.passed_over += problems
        put_listing_if_any(self.report)


def _rank(verdict: Verdict) -> tuple[int, float]:
    return ("differs", "features", "text").index(verdict.step), verdict.likeness


def _content(judged: Judged, places: Shelf) -> bytes:
    """The file as it was where its whole text is wanted; else written anew."""
    doc_id, content = judged.verdict.doc_id, judged.candidate.content
    if content and judged.text == judged.candidate.readings[0]:
        prefix = places.prefix(doc_id)
        text = content.decode("utf-8-sig")
        if not prefix or text.lstrip().startswith(prefix):
            return content
    return places.content(doc_id, judged.text)


def put_listing_if_any(report: Report) -> None:
    """Write the list of documents beside the texts, where the reader needs one."""
    if report.shelf.folder.is_dir():
        put_listing(report.shelf, report.published)


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=folder) from None
