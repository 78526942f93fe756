"""Trace official formulations through texts: features, counts, frames, findings.

>>> import tifa
>>> briefing = tifa.load("briefing")
>>> sorted(briefing.documents["source"])
['Belt & Road News', 'ECNS']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tifa.corpus import (
        Corpus,
        code_frames,
        corpora,
        data_folder,
        frame_dictionary,
        load,
        phrasebook,
        phrases,
    )
    from tifa.counts import count_phrase as count
    from tifa.errors import TifaError

__version__ = "0.1.0"

__all__ = [
    "Corpus",
    "TifaError",
    "__version__",
    "code_frames",
    "corpora",
    "count",
    "data_folder",
    "frame_dictionary",
    "load",
    "phrasebook",
    "phrases",
]

_ELSEWHERE = {"TifaError": ("errors", "TifaError"), "count": ("counts", "count_phrase")}


def __getattr__(name: str) -> Any:
    """Import what is asked for: a command that reads no table need not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'tifa' has no attribute {name!r}")
    module, inside = _ELSEWHERE.get(name, ("corpus", name))
    globals()[name] = found = getattr(import_module(f"tifa.{module}"), inside)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
