"""Read and check the phrasebook and the frame dictionary, which are edited by hand (YAML)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tifa.lexicon.chinese import chinese_patterns, expand, lies_within
from tifa.lexicon.names import Named, named_entries
from tifa.lexicon.patterns import Pattern, parse
from tifa.text.han import HAN
from tifa.text.language import Language
from tifa.util.dates import PartialDate
from tifa.util.errors import TifaError
from tifa.util.yamlfile import Lines, line_of, read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _read_by(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            read(text)
        except TifaError as error:
            raise ValueError(str(error)) from None
        return text

    return AfterValidator(check)


def _plain_chinese(text: str) -> str:
    if set(text) & set("(|)?"):
        raise ValueError("plain characters are expected here, no brackets and no ?")
    return text


def _checked_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError("an id has small letters, digits and hyphens only, such as win-win")
    return text


Id = Annotated[str, AfterValidator(_checked_id)]
PatternText = Annotated[str, _read_by(parse)]
ChinesePattern = Annotated[str, _read_by(expand)]
ChineseText = Annotated[str, AfterValidator(_plain_chinese), _read_by(expand)]


class Family(_Strict):
    """A group of entries.

    The entries of a family with the role "comparison" or "control" are counted only to compare
    other entries with them.
    """

    label: str
    about: str = ""
    role: Literal["tifa", "comparison", "control"] = "tifa"


class Attestation(_Strict):
    """The first known use of an entry, with a source in references.bib."""

    date: PartialDate
    source: str
    where: str = ""


class Variant(_Strict):
    """One wording of an entry, with patterns for English texts, Chinese texts or both."""

    id: Id
    patterns: list[PatternText] = Field(default=[], min_length=1)
    zh_patterns: list[ChinesePattern] = Field(default=[], min_length=1)

    @model_validator(mode="after")
    def _has_patterns(self) -> Self:
        if not self.patterns and not self.zh_patterns:
            raise ValueError("a variant needs patterns, zh_patterns or both")
        return self


class Entry(_Strict):
    """One formulation with its variants."""

    id: Id
    label: str
    family: str
    gloss: str
    variants: list[Variant] = Field(min_length=1)
    zh: str = ""
    pinyin: str = ""
    zh_not_within: list[ChineseText] = Field(default=[], min_length=1)
    concordance: bool = False
    components: list[Id] = []
    first_attested: Attestation | None = None
    notes: str = ""

    def worded(self, language: Language) -> bool:
        """Return whether the entry has wordings to look for in texts of a language.

        In Chinese texts an entry needs Chinese wordings, because a count of the English ones would
        say nothing about the formulation.
        """
        return any(v.zh_patterns if language == "zh" else v.patterns for v in self.variants)

    def check_worded(self, language: Language) -> None:
        """Raise TifaError if the entry has no wordings to look for in texts of a language."""
        if not self.worded(language):
            wordings, field = "wordings for texts that are not Chinese", "patterns"
            if language == "zh":
                wordings, field = "Chinese wordings", "zh_patterns"
            raise TifaError(
                f"the entry {self.id!r} has no {wordings}: add {field} to it in "
                "data/lexicon/phrases.yml and extract again, or put the phrase in quotation marks "
                "to look for just these words"
            )


def _chinese(texts: Sequence[str]) -> list[Pattern]:
    return [*chain.from_iterable(map(chinese_patterns, texts))]


class Phrasebook(_Strict):
    """All entries, with their families."""

    version: int
    families: dict[Id, Family]
    entries: list[Entry] = Field(min_length=1)

    def entry(self, entry_id: str) -> Entry:
        """Return the entry with this id; raises TifaError with similar ids if there is none."""
        by_id = {e.id: e for e in self.entries}
        if entry_id not in by_id:
            near = ", ".join(get_close_matches(entry_id, by_id, n=3)) or "tifa phrases lists all"
            raise TifaError(f"no phrasebook entry {entry_id!r}; did you mean: {near}")
        return by_id[entry_id]

    @cached_property
    def named(self) -> Named:
        """Every name and variant, with the index of its entry."""
        return named_entries(self.entries)

    @cached_property
    def compiled(self) -> Mapping[tuple[str, str], Sequence[Pattern]]:
        """Parsed English patterns by entry id and variant id, in the order of the file."""
        return {
            (e.id, v.id): [parse(p) for p in v.patterns]
            for e in self.entries
            for v in e.variants
            if v.patterns
        }

    @cached_property
    def _compiled_chinese(self) -> Mapping[tuple[str, str], Sequence[Pattern]]:
        compiled = {
            (e.id, v.id): [*_chinese(v.zh_patterns), *map(parse, v.patterns)]
            for e in self.entries
            for v in e.variants
        }
        # compare here, because patterns may become equal when traditional characters are replaced
        seen: dict[tuple[str, Any], Pattern] = {}
        for (entry, variant), patterns in compiled.items():
            for pattern in patterns:
                same = seen.setdefault((entry, pattern.slots), pattern)
                if same is not pattern:
                    raise TifaError(
                        f"{entry!r}: {pattern.text!r} of {variant!r} matches the same as "
                        f"{same.text!r}"
                    )
        return compiled

    @cached_property
    def _chinese_not_within(self) -> Mapping[str, Sequence[Pattern]]:
        return {e.id: _chinese(e.zh_not_within) for e in self.entries if e.zh_not_within}

    def patterns(self, language: Language) -> Mapping[tuple[str, str], Sequence[Pattern]]:
        """Return the patterns for texts of a language, by entry id and variant id.

        Chinese texts are searched for English patterns too, which match words in Latin letters.
        Raises TifaError if two patterns of an entry match the same Chinese words.
        """
        return self.compiled if language == "en" else self._compiled_chinese

    def not_within(self, language: Language) -> Mapping[str, Sequence[Pattern]]:
        """Return, by entry id, patterns of longer expressions inside which a match is not a hit."""
        return {} if language == "en" else self._chinese_not_within

    def digests(self, language: Language) -> dict[str, str]:
        """Return, by entry id, the SHA-256 of the patterns for texts of a language.

        The digest of an entry changes only if its hits may change. It does not depend on labels,
        glosses and notes; for English texts, it does not depend on Chinese patterns either.
        """

        def digest(e: Entry) -> str:
            counted: list[Any] = [[v.id, v.patterns] for v in e.variants if v.patterns]
            if language == "zh":
                counted = [[[v.id, v.patterns, v.zh_patterns] for v in e.variants], e.zh_not_within]
            return hashlib.sha256(json.dumps(counted, ensure_ascii=False).encode()).hexdigest()

        return {e.id: digest(e) for e in self.entries}

    @cached_property
    def chinese_words(self) -> tuple[str, ...]:
        """Chinese names of the entries, which the segmenter must not split."""
        return tuple(sorted({e.zh for e in self.entries if re.fullmatch(f"[{HAN}]+", e.zh)}))


class Indicator(_Strict):
    """A pattern that indicates a frame, with its weight and conditions."""

    pattern: PatternText
    weight: float = Field(default=1.0, gt=0, le=1)
    not_before: list[PatternText] = []
    not_after: list[PatternText] = []
    requires: list[PatternText] = Field(default=[], alias="with")
    without: list[PatternText] = []


def _indicator(value: Any) -> Any:
    return {"pattern": value} if isinstance(value, str) else value


class Frame(_Strict):
    """A frame and its indicators."""

    id: Id
    label: str
    about: str
    indicators: list[Annotated[Indicator, BeforeValidator(_indicator)]] = Field(min_length=1)


class FrameDictionary(_Strict):
    """All frames, and names (such as those of organisations) in which indicators are ignored."""

    version: int
    names: list[PatternText] = []
    frames: list[Frame] = Field(min_length=1)


@dataclass(frozen=True)
class Lexicon:
    """Everything to look for in texts: the phrasebook and the frame dictionary."""

    phrasebook: Phrasebook
    frames: FrameDictionary


#: A message, and the keys and indices of the place in the YAML file to which it refers.
Problem = tuple[str, tuple[str | int, ...]]


def read_phrasebook(path: Path) -> Phrasebook:
    """Read and check a phrasebook.

    Raises TifaError, with file, line, entry and field, for broken YAML, an unknown field, a bad
    pattern, an id that is used twice, an unknown family or component, two patterns of an entry that
    match the same words, or an exception (``zh_not_within``) inside which no Chinese pattern of the
    entry can match.
    """
    book, lines = read_yaml(path, Phrasebook)
    _refuse_first(_problems_of_entries(book), path, lines)
    return book


def _problems_of_entries(book: Phrasebook) -> Iterator[Problem]:
    ids = [e.id for e in book.entries]
    for number, entry in enumerate(book.entries):
        name, loc = f"{entry.id!r}", ("entries", number)
        if entry.id in ids[:number]:
            yield f"the id {name} is used twice", (*loc, "id")
        if entry.family not in book.families:
            known = ", ".join(book.families)
            yield f"{name}: no family {entry.family!r}; expected one of {known}", (*loc, "family")
        for component in entry.components:
            if component not in ids or component == entry.id:
                yield f"{name}: the component {component!r} is no other entry", (*loc, "components")
        yield from _problems_of_wordings(entry, loc)


def _problems_of_wordings(entry: Entry, loc: tuple[str | int, ...]) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for index, variant in enumerate(entry.variants):
        here = (*loc, "variants", index)
        if variant.id in [v.id for v in entry.variants[:index]]:
            yield f"{entry.id!r}: the variant id {variant.id!r} is used twice", (*here, "id")
        for text in variant.patterns:
            slots = parse(text).slots
            if slots in seen:
                problem = f"{entry.id!r}: {text!r} matches the same as {seen[slots]!r}"
                yield problem, (*here, "patterns")
            seen[slots] = text
        for text in variant.zh_patterns:
            for string in expand(text):
                if string in seen:
                    problem = f"{entry.id!r}: {text!r} and {seen[string]!r} both match {string!r}"
                    yield problem, (*here, "zh_patterns")
                seen[string] = text
    for index, longer in enumerate(entry.zh_not_within):
        if not any(lies_within(p, longer) for v in entry.variants for p in v.zh_patterns):
            problem = f"{entry.id!r}: no Chinese pattern of it can lie within {longer!r}"
            yield problem, (*loc, "zh_not_within", index)


def read_frames(path: Path) -> FrameDictionary:
    """Read and check a frame dictionary.

    Raises TifaError, with file, line, frame and field, for broken YAML, an unknown field, a bad
    pattern, or a frame id or indicator that is used twice.
    """
    dictionary, lines = read_yaml(path, FrameDictionary)
    _refuse_first(_problems_of_frames(dictionary), path, lines)
    return dictionary


def _problems_of_frames(dictionary: FrameDictionary) -> Iterator[Problem]:
    ids = [f.id for f in dictionary.frames]
    for number, frame in enumerate(dictionary.frames):
        loc = ("frames", number)
        if frame.id in ids[:number]:
            yield f"the id {frame.id!r} is used twice", (*loc, "id")
        for index, indicator in enumerate(frame.indicators):
            if indicator in frame.indicators[:index]:
                problem = f"{frame.id!r}: the indicator {indicator.pattern!r} appears twice"
                yield problem, (*loc, "indicators", index)


def _refuse_first(problems: Iterator[Problem], path: Path, lines: Lines) -> None:
    for problem, loc in problems:
        raise TifaError(problem, where=path, line=line_of(lines, loc))
