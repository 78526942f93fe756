"""Shorten metadata (titles, notes and other columns) that could quote too much of a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from tifa.data.metadata import Overlay
from tifa.features.quotation import LARGEST_SHARE, Bounds
from tifa.sources.document import Document
from tifa.text.han import HAN
from tifa.util.errors import TifaError

#: Fields in a fixed format, which cannot contain text.
_FORMS = {"date", "year", "session", "rights", "country", "sha256", "corpus"}
_SIGNS = r"\s\-/_.,;:!?\"'()\[\]<>=&%+#~|…–—“”‘’«»。，、；：！？（）《》「」"
#: Matches a word or a Han character. Quotations in metadata are counted in these units, whatever
#: the language of the text.
_TOKEN = re.compile(rf"[{HAN}]|[^{HAN}{_SIGNS}]+")
#: A cell may have this many characters for each word that may be quoted. Without this limit, a long
#: text without spaces would not be shortened, because it counts as one word.
_LONGEST_WORD = 15


def within_bounds(
    documents: Iterable[Document], overlay: Overlay, bounds: Bounds
) -> tuple[list[Document], Counter[str]]:
    """Shorten or empty the metadata cells that could quote too much of a protected document.

    A cell that is longer than the longest quotation allowed is shortened. An address is not
    shortened, but emptied if it quotes too long a run of the text. All cells of a document together
    may quote at most a tenth of the text; a cell that would exceed this share is emptied. Three
    kinds of cells are not changed: values from the overlay (the metadata file of the corpus),
    columns that the overlay lists under ``publish``, and fields with a fixed format.

    Returns the documents, and the number of changed cells by column. Raises TifaError if a doc_id
    quotes too long a run of its text, unless the overlay lists doc_id under ``publish``.
    """
    cut: Counter[str] = Counter()
    kept = []
    for document in documents:
        if overlay.rights == "public":
            kept.append(document)
            continue
        text = _Text(document.text, bounds)
        if "doc_id" not in overlay.publish and text.quoted(document.doc_id)[0] > bounds.longest:
            raise TifaError(
                f"a doc_id quotes more than {bounds.longest} words of its protected text "
                f"({document.doc_id[:30]} ...); name the files otherwise, leave the column out "
                "(--column doc_id=), or list doc_id under publish in the overlay"
            )
        changed: list[dict[str, str]] = []
        for cells, given in (
            (document.fields, overlay.fields(document.doc_id)),
            (document.own, {}),
        ):
            bounded = dict(cells)
            for name, cell in cells.items():
                if name in _FORMS or name in overlay.publish or cell in ("", given.get(name)):
                    continue
                bounded[name] = text.bounded(cell, address=name == "url")
                cut[name] += bounded[name] != cell
            changed.append(bounded)
        kept.append(replace(document, fields=changed[0], own=changed[1]))
    return kept, +cut


class _Text:
    """A protected text, and how many of its words metadata cells have quoted so far."""

    def __init__(self, text: str, bounds: Bounds) -> None:
        self.text, self.bounds = text, bounds
        self._quoted = 0

    @cached_property
    def tokens(self) -> list[str]:
        return _TOKEN.findall(self.text.lower())

    @cached_property
    def words(self) -> str:
        return f" {' '.join(self.tokens)} "

    def quoted(self, cell: str) -> tuple[int, int]:
        """Return how many words a cell quotes: in its longest run, and in all runs together.

        A run is a sequence of words of the cell. It has at least ``bounds.counted`` words, and any
        ``bounds.counted`` successive words of it also stand next to each other in the text.
        """
        tokens = _TOKEN.findall(cell.lower())
        counted = self.bounds.counted
        longest = total = run = end = 0
        for at in range(len(tokens) - counted + 1):
            if f" {' '.join(tokens[at : at + counted])} " not in self.words:
                run = 0
                continue
            run = run + 1 if run else counted
            longest = max(longest, run)
            total += at + counted - max(at, end)
            end = at + counted
        return longest, total

    def bounded(self, cell: str, *, address: bool) -> str:
        """Return the part of a cell that may be published, and remember how much it quotes.

        The part is "" if the cell, even shortened, would quote too much. An ``address`` is never
        shortened, only emptied.
        """
        most = self.bounds.longest
        if not address:
            places = [m.end() for m in _TOKEN.finditer(cell)]
            end = places[most - 1] if len(places) > most else len(cell)
            end = min(end, _LONGEST_WORD * most)
            cell = cell if end >= len(cell) else f"{cell[:end].rstrip()} ..."
        longest, quoted = self.quoted(cell)
        if longest > most or (quoted and self._quoted + quoted > LARGEST_SHARE * len(self.tokens)):
            return ""
        self._quoted += quoted
        return cell
