"""Readers of what people have: folders of text or HTML, CSV, Parquet, JSON Lines.

A document that cannot be taken is skipped and counted with its reason; a source that cannot be
trusted as a whole (not UTF-8, broken rows, formulas) is refused.
"""

from tifa.readers.source import READERS, guess_reader, read_source

__all__ = ["READERS", "guess_reader", "read_source"]
