"""Settings in data/words.yml: what counts as a word in all corpora of a study."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tifa.util.yamlfile import read_yaml

#: What may be removed from texts: web and mail addresses, @names, #names.
Kind = Literal["addresses", "names", "hashtags"]


class WordSettings(BaseModel):
    """The content of words.yml: what is not counted as a word, and stop words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: What is removed from the texts before anything is counted.
    leave_out: list[Kind] = []
    #: Whether the name of an emoji counts as a word.
    emoji: Literal["none", "words"] = "none"
    #: Stop words, which lists of words leave out: none, or the English ones of scikit-learn.
    stop_list: Literal["none", "english"] = "none"
    stop_words: list[str] = []

    @property
    def rules(self) -> list[str]:
        """The settings that change texts; if one changes, corpora must be extracted again."""
        return sorted({*self.leave_out, *(["emoji"] if self.emoji == "words" else [])})

    @cached_property
    def stopped(self) -> frozenset[str]:
        """All stop words, in lower case."""
        own = frozenset(word.lower() for word in self.stop_words)
        if self.stop_list == "none":
            return own
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - slow

        return own.union(ENGLISH_STOP_WORDS)


def read_word_settings(data: Path) -> WordSettings:
    """Read words.yml of a data folder; without this file, return settings that change nothing."""
    path = data / "words.yml"
    return read_yaml(path, WordSettings)[0] if path.is_file() else WordSettings()
