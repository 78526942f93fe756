"""Texts that may be documents of a corpus: files of a folder, of an archive, or pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from tifa.fetch.archive import ARCHIVES, members
from tifa.fetch.article import article_readings
from tifa.fetch.shelf import Shelf
from tifa.fetch.verify import Published, Verdict, check, likeness, passage
from tifa.sources.document import MAX_TEXT_BYTES, decode
from tifa.sources.ungdc import UNGDC_NAME
from tifa.text.words import text_hashes, words
from tifa.util.errors import TifaError

#: Below this share of words in common a file without the name of a document is no candidate.
LEAST_LIKENESS = 0.5
#: A page of more paragraphs is taken as it is.
MOST_PARAGRAPHS = 400
_BATCH = 2_000_000
_PAGES = (".html", ".htm", ".xhtml")


@dataclass(frozen=True)
class Candidate:
    """A file that was read: whose text it may be, by its name, and what it says."""

    doc_id: str
    #: The likeliest first; a text file has one.
    readings: tuple[str, ...]
    #: The file itself, where it is plain text.
    content: bytes
    name: str


@dataclass(frozen=True)
class Judged:
    """A document, the text that was found for it, and how that did."""

    verdict: Verdict
    text: str
    candidate: Candidate


def inside(source: Path, corpus: str) -> Path:
    """The folder of a corpus, where a folder of several was named.

    Raises
    ------
    TifaError
        Where there is no such folder or file.

    """
    if not source.exists():
        raise TifaError("no such folder", where=source)
    return source / corpus if (source / corpus).is_dir() else source


def read_candidates(
    source: Path, shelf: Shelf, published: Published, problems: list[str]
) -> Iterator[Candidate]:
    """Read a folder or an archive.

    Parameters
    ----------
    source
        A folder with .txt or .html, or an archive (or a folder with one) of speeches.
    shelf, published
        The corpus.
    problems
        Filled with a line for each file that cannot be read.

    """
    for name, content, where in _files(source, shelf.overlay.reader == "ungdc", problems):
        stem = PurePosixPath(name).stem
        if shelf.overlay.reader == "ungdc":
            speech = UNGDC_NAME.fullmatch(PurePosixPath(name).name)
            if not speech:
                continue
            stem = f"{speech[1]}_{int(speech[2]):02d}_{speech[3]}"
        page = name.lower().endswith(_PAGES)
        try:
            readings = (
                article_readings(content)
                if page
                else [shelf.without_prefix(stem, decode(content, where=where))]
            )
        except TifaError as error:
            place = "" if str(error).startswith(str(where)) else f"{where}: "
            problems.append(f"{place}{error}")
            continue
        doc_id = stem if stem in published.hashes else ""
        yield Candidate(doc_id, tuple(readings), b"" if page else content, name)


def _files(
    source: Path, speeches: bool, problems: list[str]
) -> Iterator[tuple[str, bytes, str | Path]]:
    archives = (
        [source]
        if source.is_file()
        else sorted(p for p in source.iterdir() if speeches and ARCHIVES.fullmatch(p.name))
    )
    for archive in archives:
        for name, content in members(archive, _is_speech):
            yield name, content, f"{archive}:{name}"
    if archives:
        return
    endings = (".txt",) if speeches else (".txt", *_PAGES)
    for path in sorted(source.rglob("*")):
        inner = path.relative_to(source)
        if path.suffix.lower() not in endings or any(p.startswith(".") for p in inner.parts):
            continue
        try:
            if not path.is_file():
                continue
            if path.stat().st_size > MAX_TEXT_BYTES:
                problems.append(f"{path}: more than {MAX_TEXT_BYTES:,} bytes; left out")
                continue
            yield inner.as_posix(), path.read_bytes(), path
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")


def _is_speech(name: str) -> bool:
    return UNGDC_NAME.fullmatch(PurePosixPath(name).name) is not None


# --- judging ------------------------------------------------------------------------------


def judge_speeches(
    candidates: Iterable[Candidate], published: Published, done: Callable[[int], object]
) -> Iterator[Judged]:
    """Check many texts that are known by name, some at a time."""
    waiting: dict[str, Candidate] = {}
    seen: set[str] = set()
    size = 0
    for candidate in candidates:
        if candidate.doc_id in seen:
            raise TifaError(f"{candidate.doc_id} stands twice; remove one", where=candidate.name)
        seen.add(candidate.doc_id)
        waiting[candidate.doc_id] = candidate
        size += len(candidate.readings[0])
        if size >= _BATCH:
            yield from _judge_batch(waiting, published)
            done(len(waiting))
            waiting, size = {}, 0
    yield from _judge_batch(waiting, published)
    done(len(waiting))


def _judge_batch(waiting: dict[str, Candidate], published: Published) -> Iterator[Judged]:
    verdicts = check({d: c.readings[0] for d, c in waiting.items()}, published)
    for doc_id, candidate in waiting.items():
        yield Judged(verdicts[doc_id], candidate.readings[0], candidate)


def judge(candidate: Candidate, published: Published, shelf: Shelf) -> Judged | None:
    """Check one text, or the readings of one page; find out whose it is where its name is silent.

    Returns
    -------
    The best reading: the published text itself, alone or within the reading; else one with its
    features; else the likest. None where the text is like none of the documents.

    """
    doc_ids = [candidate.doc_id] if candidate.doc_id else list(published.hashes)
    bare = [_without_prefix(r, doc_ids, shelf) for r in candidate.readings]
    for text, sha in zip(bare, text_hashes(pl.Series(bare)), strict=True):
        doc_id = published.by_hash.get(sha, "")
        if doc_id and (not candidate.doc_id or sha == published.hashes[candidate.doc_id]):
            whose = candidate.doc_id or doc_id
            return Judged(check({whose: text}, published)[whose], text, candidate)
    for text in bare:
        for doc_id in doc_ids:
            found = passage(text, published.hashes[doc_id], published.words[doc_id])
            if found is not None:
                return Judged(check({doc_id: found}, published)[doc_id], found, candidate)
    whose = candidate.doc_id or _likest(bare[0], published)
    if not whose:
        return None
    texts = dict.fromkeys([*bare, *(trimmed(t, _words_of(whose, published)) for t in bare)])
    judged = [Judged(check({whose: text}, published)[whose], text, candidate) for text in texts]
    best = max(judged, key=lambda j: (j.verdict.step == "features", j.verdict.likeness))
    # what somebody saved as text is shown to the user as it is
    return judged[0] if candidate.content and best.verdict.step == "differs" else best


def _without_prefix(text: str, doc_ids: list[str], shelf: Shelf) -> str:
    changed = (shelf.without_prefix(d, text) for d in doc_ids)
    return next((t for t in changed if t != text), text)


def _likest(text: str, published: Published) -> str:
    if "terms" not in published.tables:
        return ""
    counted = Counter(words(text))
    shares = {d: likeness(counted, _words_of(d, published)) for d in published.hashes}
    best = max(shares, key=lambda d: shares[d], default="")
    return best if best and shares[best] >= LEAST_LIKENESS else ""


def _words_of(doc_id: str, published: Published) -> dict[str, int]:
    """Published words of a document; none where they are not published."""
    if "terms" not in published.tables:
        return {}
    return dict(published.rows("terms", [doc_id]).select("term", "n").iter_rows())


def trimmed(text: str, wanted: Mapping[str, int]) -> str:
    """Take paragraphs away at both ends as long as what remains is more like what is wanted.

    A page whose text differs by a comma has its headline and footer too: without them its
    features can be compared.

    Parameters
    ----------
    text
        Paragraphs parted by empty lines.
    wanted
        Words to their counts.

    Returns
    -------
    The paragraphs that are left, at least one.

    Examples
    --------
    >>> trimmed("LAKE NEWS\\n\\nBoats crossed, slowly.\\n\\nShare", {"boats": 1, "crossed": 1})
    'Boats crossed, slowly.'

    """
    blocks = [b for b in text.split("\n\n") if b.strip()]
    if not wanted or len(blocks) > MOST_PARAGRAPHS:
        return text
    counts = [Counter(words(b)) for b in blocks]
    first, last = 0, len(blocks)
    whole: Counter[str] = sum(counts, Counter())
    best = likeness(whole, wanted)
    while last - first > 1:
        without = [whole - counts[first], whole - counts[last - 1]]
        shares = [likeness(w, wanted) for w in without]
        end = shares[1] > shares[0]
        if shares[end] < best:
            break
        best, whole = shares[end], without[end]
        first, last = (first, last - 1) if end else (first + 1, last)
    return "\n\n".join(blocks[first:last])
