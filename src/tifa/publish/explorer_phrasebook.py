"""The phrasebook for the explorer's page, which marks entries in a pasted text."""

from __future__ import annotations

from typing import Any

from tifa.lexicon.model import Phrasebook
from tifa.text.chinese import fold_table


def phrasebook_file(book: Phrasebook) -> dict[str, Any]:
    """Make the file of entries and their patterns.

    ``entries`` has for each its wordings as ``[English, Chinese]``, and the longer Chinese words
    inside which it does not count; ``simplified`` leads from traditional characters to those of the
    patterns.
    """
    wanted = {c for e in book.entries for v in e.variants for p in v.zh_patterns for c in p}
    wanted |= {c for e in book.entries for p in e.zh_not_within for c in p}
    return {
        "entries": [
            [[[v.patterns, v.zh_patterns] for v in e.variants], e.zh_not_within]
            for e in book.entries
        ],
        "simplified": fold_table(wanted),
    }
