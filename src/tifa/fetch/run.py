"""Fetch the texts of a corpus, and check those that are already there.

Files are written to these folders:

TEXTS/CORPUS/...         texts, for tifa.sources.open to read; existing files are not overwritten
TEXTS/aside/CORPUS/...   pages that differ from the published texts, for the user to look at
TEXTS/.fetch/...         unfinished downloads, and a lock file
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tifa.data.files import copy_folder, locked, write_file
from tifa.data.metadata import DocumentFields, read_overlay
from tifa.fetch.check import Published, Verdict, best_reading, check
from tifa.fetch.client import Client, FetchError
from tifa.fetch.dataset import fetch_dataverse, fetch_repository
from tifa.fetch.page import Hosts, article_readings, capture, fetch_page
from tifa.lexicon.load import read_lexicon
from tifa.sources.document import MAX_TEXT_BYTES, batches, decode
from tifa.sources.open import read
from tifa.sources.places import Place, find_texts, texts_folder
from tifa.util.errors import TifaError
from tifa.util.git import check_place

#: "text": the text is the published one. "features": it is another text, but has the published
#: features. "differs": its features differ too. "missing": there is no text.
Status = Literal["text", "features", "differs", "missing"]
GOOD: tuple[Status, ...] = ("text", "features")
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)")
_PAGES = (".html", ".htm", ".xhtml")
#: Characters per batch of checks.
_BATCH = 2_000_000


@dataclass
class State:
    """The result for one document."""

    status: Status
    verdict: Verdict | None = None
    path: Path | None = None
    #: The file in which the text belongs.
    target: Path | None = None
    why: str = ""


@dataclass
class Report:
    """The result of fetching a corpus, for each of its documents by doc_id."""

    folder: Path
    published: Published
    states: dict[str, State]
    #: Messages about problems that ``states`` does not show. If there are any, the texts are not
    #: ``complete``.
    notes: list[str] = field(default_factory=list)
    #: A message for each file that was not used, because it cannot be read or is not a text of this
    #: corpus.
    passed_over: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all texts are there and verified, and ``notes`` is empty."""
        return not self.notes and all(s.status in GOOD for s in self.states.values())

    def having(self, *statuses: Status) -> dict[str, State]:
        """Return the states of the documents that have one of these statuses."""
        return {d: s for d, s in self.states.items() if s.status in statuses}


def fetch_corpus(
    corpus: str,
    *,
    data: Path,
    source: Path | None = None,
    client: Client | None = None,
    hosts: Hosts | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Report:
    """Fetch the texts of a corpus, and check each of them against the published features.

    If a ``source`` is given (a folder or an archive with the texts), nothing is downloaded; the
    verified texts of the source are copied. A table or archive is copied only if all its texts are
    verified. Existing files are neither fetched again nor overwritten.
    ``progress`` is called with the number of texts checked since the last call. A text that cannot
    be fetched has the status "missing" in the report.

    Raises TifaError if the corpus has no features; if it is a table or archive that must be fetched
    but has no known address; if the ``source`` does not exist; or if the folder of texts cannot be
    written, is not ignored by git, or is in use by another run.
    """
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    published = Published(data / "corpora" / corpus, overlay, read_lexicon(data))
    folder = texts_folder(data).absolute() / corpus
    _refuse_tracked(folder)
    if source is not None:
        if not source.exists():
            raise TifaError("no such folder", where=source)
        source = source / corpus if (source / corpus).is_dir() else source
    report = Report(folder, published, {d: State("missing") for d in published.hashes})
    work = _Work(report, client or Client(), hosts or Hosts(), progress)
    if overlay.reader == "folder":
        work.one_by_one(source)
    else:
        work.whole(source, find_texts(data, corpus))
    return report


def _refuse_tracked(folder: Path) -> None:
    for place in (folder, folder.parent / "aside"):
        try:
            check_place(place / "text.txt", force=True)
        except TifaError:
            raise TifaError(
                "git does not ignore this place, and full texts must not get into a repository; "
                "set TIFA_TEXTS to a folder outside, or to one that .gitignore names",
                where=place,
            ) from None


@dataclass
class _Work:
    report: Report
    client: Client
    hosts: Hosts
    progress: Callable[[int], object]

    def __post_init__(self) -> None:
        self.published, self.folder = self.report.published, self.report.folder
        self.states, self.overlay = self.report.states, self.published.overlay

    # --- a corpus in one piece ------------------------------------------------------------

    def whole(self, source: Path | None, usual: Place) -> None:
        """Fetch and check a corpus that is one table or archive."""
        place = usual.texts
        has_texts = place.is_file() or (place.is_dir() and any(place.glob("[!.]*")))
        if source is None and not has_texts:
            try:
                with self._alone():
                    self._fetch_whole()
            except FetchError as error:
                for state in self.states.values():
                    state.why = str(error)
                return
        self._check_whole(source or usual.texts, None if source else usual.documents)
        if source is not None and not has_texts and self.report.complete:
            with self._alone():
                if source.is_dir():
                    copy_folder(source, self.folder)
                else:
                    for path in (source, *source.parent.glob("Speakers*.xlsx")):
                        write_file(self.folder / path.name, path.read_bytes())

    def _fetch_whole(self) -> None:
        doi = _DOI.fullmatch(self.overlay.defaults.url)
        if self.overlay.repository:
            target = self.folder / f"{self.overlay.corpus}.parquet"
            work = self.folder.parent / ".fetch"
            fetch_repository(self.client, self.overlay.repository, work, target)
        elif doi and self.overlay.reader == "ungdc":
            version = next(iter(re.findall(r"version (\d+)", self.overlay.source)), "")
            fetched = fetch_dataverse(
                self.client, doi[1], self.folder, version=version, base=self.hosts.dataverse
            )
            if version and fetched.split(".")[0] != version:
                self.report.notes.append(
                    f"the server has version {fetched}, the features are from version {version}"
                )
        else:
            raise TifaError(
                f"no address to fetch the texts of {self.overlay.corpus!r} from; source: "
                f"{self.overlay.source}; put them here, then run this again",
                where=self.folder,
            )

    def _check_whole(self, source: Path, listing: Path | None) -> None:
        known = {d: (a, p) for d, a, p in self._columns("author", "post")}
        others: list[str] = []
        renamed: list[str] = []
        for taken in batches(read(source, self.overlay, listing=listing), characters=_BATCH):
            others += [d.doc_id for d in taken if d.doc_id not in self.states]
            batch = [d for d in taken if d.doc_id in self.states]
            for doc_id, verdict in check({d.doc_id: d.text for d in batch}, self.published).items():
                self.states[doc_id] = State(verdict.step, verdict, source)
            if self.overlay.reader == "ungdc":
                named = {d.doc_id: (d.fields["author"], d.fields["post"]) for d in batch}
                renamed += [d for d, names in named.items() if names != known[d]]
            self.progress(len(batch))
        for state in self.report.having("missing").values():
            state.why = f"not in {source}"
        self._note_others(source, others)
        if renamed:
            self.report.notes.append(
                f"speaker or post differ from the published in {len(renamed):,} documents, first "
                f"{renamed[0]}; expected the Speakers_by_session.xlsx of the same version"
            )

    # --- a corpus with a file for each text -----------------------------------------------

    def one_by_one(self, source: Path | None) -> None:
        """Check a corpus of .txt files; make missing ones from web pages or files in ``source``."""
        for doc_id in self.states:
            if not re.fullmatch(r"\w[\w.-]*", doc_id):
                raise TifaError(f"doc_id {doc_id!r} cannot be the name of a file")
            for path in (self._target(doc_id), self._aside(doc_id)):
                if path.is_file() and self.states[doc_id].status == "missing":
                    self._look(doc_id, path)
        names = [p.name for p in self.folder.glob("*.txt") if p.stem not in self.states]
        self._note_others(self.folder, names)
        missing = self.report.having("missing")
        pages = [
            (doc_id, url, date)
            for doc_id, url, date in self._columns("url", "date")
            if doc_id in missing and url and not _DOI.fullmatch(url)
        ]
        if source is not None:
            with self._alone() if missing else nullcontext():
                self._take(source)
                self._put_listing()
        elif pages:
            with self._alone():
                for page in pages:
                    self._fetch_page(*page)
                    self.progress(1)
                self._put_listing()

    def _note_others(self, where: Path, names: list[str]) -> None:
        if names:
            self.report.notes.append(
                f"{len(names):,} texts in {where} are not among the published and would be "
                f"counted, first {names[0]}"
            )

    def _alone(self) -> AbstractContextManager[None]:
        """Return a lock to hold while this run writes to the folder of texts.

        Entering it raises TifaError if another run holds the lock.
        """
        busy = "another tifa fetch works here; wait until it is done"
        return locked(self.folder.parent / ".fetch" / "lock", busy=busy)

    def _look(self, doc_id: str, path: Path) -> None:
        text = decode(path.read_bytes(), where=path)
        prefix = self.overlay.fields(doc_id)["remove_prefix"]
        verdict = check({doc_id: self._bare(doc_id, text)}, self.published)[doc_id]
        target = self._target(doc_id)
        good = path == target and verdict.step != "differs"
        if path == target and prefix and not text.lstrip().startswith(prefix):
            self.report.notes.append(f"{path}: expected to begin with {prefix!r}")
        self.states[doc_id] = State(verdict.step if good else "differs", verdict, path, target)
        self.progress(1)

    def _fetch_page(self, doc_id: str, url: str, date: str) -> None:
        """Fetch a page and, if it differs or is missing, its copy in the Wayback Machine.

        The text that is more similar to the published one is written.
        """
        reasons: list[str] = []
        pages: list[tuple[Verdict, str]] = []
        for kept in (False, True):
            try:
                address = capture(self.client, self.hosts, url, date) if kept else url
                found = best_reading(fetch_page(self.client, address), doc_id, self.published)
            except FetchError as error:
                reasons.append(str(error))
                continue
            pages += [found] if found else []
            if found and found[0].step != "differs":
                break
        if pages:
            self._put(*max(pages, key=lambda p: (p[0].step != "differs", p[0].likeness)), None)
        else:
            self.states[doc_id].why = "; ".join(reasons)

    def _take(self, source: Path) -> None:
        """Import texts from the .txt and HTML files in a folder and its subfolders."""
        if not source.is_dir():
            raise TifaError("expected a folder with .txt or .html files", where=source)
        for path in sorted(p for p in source.rglob("*") if p.suffix.lower() in (".txt", *_PAGES)):
            doc_id = path.stem if path.stem in self.states else ""
            try:
                readings = self._readings(path, doc_id)
            except (TifaError, OSError) as error:
                self.report.passed_over.append(f"{path}: {error}")
                continue
            found = best_reading(readings, doc_id, self.published)
            self.progress(1)
            if found is None:
                self.report.passed_over.append(f"{path}: like none of the published texts")
            else:
                self._put(*found, path)

    def _readings(self, path: Path, doc_id: str) -> list[str]:
        if not path.is_file() or path.stat().st_size > MAX_TEXT_BYTES:
            raise TifaError(f"expected a file of at most {MAX_TEXT_BYTES:,} bytes")
        if path.suffix.lower() in _PAGES:
            return article_readings(path.read_bytes())
        text = decode(path.read_bytes(), where="")
        return [self._bare(doc_id, text)] if doc_id else [self._bare(d, text) for d in self.states]

    def _put(self, verdict: Verdict, text: str, source: Path | None) -> None:
        """Write a verified text to the folder of the corpus, and a page that differs to aside/.

        A text that differs is not written if it comes from ``source``, a file of the user. An
        existing text is never overwritten.
        """
        doc_id = verdict.doc_id
        state, target = self.states[doc_id], self._target(doc_id)
        if state.status in GOOD:
            return
        if target.exists():
            if verdict.step != "differs":
                self.report.notes.append(
                    f"{source or 'the page'} is the published text of {doc_id}; remove {target} "
                    "and run this again"
                )
            return
        if verdict.step != "differs":
            prefix = self.overlay.fields(doc_id)["remove_prefix"]
            write_file(target, (prefix + text.strip("\n") + "\n").encode())
            self.states[doc_id] = State(verdict.step, verdict, target)
            return
        if source is None:
            source = self._aside(doc_id)
            write_file(source, (text.strip("\n") + "\n").encode())
        if state.verdict is None or state.verdict.likeness < verdict.likeness:
            self.states[doc_id] = State("differs", verdict, source, target)

    def _put_listing(self) -> None:
        """Write documents.csv, unless it exists: published metadata that the overlay does not give.

        It has all columns in which the published metadata and the overlay differ.
        """
        path = self.folder / "documents.csv"
        if not self.folder.is_dir() or path.exists():
            return
        fields = [f for f in DocumentFields.model_fields if f != "remove_prefix"]
        rows = self.published.documents.select("doc_id", *fields)
        known = [self.overlay.fields(doc_id) for doc_id in rows["doc_id"]]
        needed = [f for f in fields if rows[f].fill_null("").to_list() != [k[f] for k in known]]
        if needed:
            write_file(path, rows.select("doc_id", *needed).write_csv().encode())

    def _target(self, doc_id: str) -> Path:
        return self.folder / f"{doc_id}.txt"

    def _aside(self, doc_id: str) -> Path:
        return self.folder.parent / "aside" / self.overlay.corpus / f"{doc_id}.txt"

    def _bare(self, doc_id: str, text: str) -> str:
        """Remove the prefix that a crawler added to a text, if the overlay names one."""
        prefix = self.overlay.fields(doc_id)["remove_prefix"]
        return text.lstrip().removeprefix(prefix) if prefix else text

    def _columns(self, *names: str) -> Iterator[tuple[str, ...]]:
        rows = self.published.documents.select("doc_id", *names).fill_null("")
        yield from rows.iter_rows()
