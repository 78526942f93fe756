"""Trace official formulations through texts.

The package counts phrases and codes frames in texts, and publishes findings from these features.

>>> import tifa
>>> briefing = tifa.load("briefing")
>>> sorted(briefing.documents["source"])
['Belt & Road News', 'ECNS']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tifa.version import __version__

if TYPE_CHECKING:
    from tifa import stats
    from tifa.analysis.collocates import collocates
    from tifa.analysis.counts import count_phrase as count
    from tifa.data.corpus import Corpus, corpora, load
    from tifa.lexicon.load import code_frames, frame_dictionary, phrasebook, phrases
    from tifa.publish import figures
    from tifa.util.data_folder import data_folder
    from tifa.util.errors import TifaError

#: For each public name, the module that defines it.
_HOME = {
    "Corpus": "data.corpus",
    "TifaError": "util.errors",
    "code_frames": "lexicon.load",
    "collocates": "analysis.collocates",
    "corpora": "data.corpus",
    "count": "analysis.counts",
    "data_folder": "util.data_folder",
    "frame_dictionary": "lexicon.load",
    "load": "data.corpus",
    "phrasebook": "lexicon.load",
    "phrases": "lexicon.load",
}
#: Public names that have a different name in their module.
_INSIDE = {"count": "count_phrase"}
#: Public names that are modules.
_MODULES = {"figures": "publish.figures", "stats": "stats"}

__all__ = [
    "Corpus",
    "TifaError",
    "__version__",
    "code_frames",
    "collocates",
    "corpora",
    "count",
    "data_folder",
    "figures",
    "frame_dictionary",
    "load",
    "phrasebook",
    "phrases",
    "stats",
]


def __getattr__(name: str) -> Any:
    """Import a name on first use, so that commands that need no pandas start faster."""
    if name in _MODULES:
        found: Any = import_module(f"tifa.{_MODULES[name]}")
    elif name in _HOME:
        module = import_module(f"tifa.{_HOME[name]}")
        found = getattr(module, _INSIDE.get(name, name))
    else:
        raise AttributeError(f"module 'tifa' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
