"""Schemas of tables that are edited by hand, or derived from such tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sphinx_findings.snapshot import COLUMNS

from tifa.data.schema import Column, Kind

#: Functions of a sentence, after Entman (1993); the frames are in the frame dictionary.
FUNCTIONS = ["problem", "cause", "evaluation", "remedy"]

_NEEDED = {"required": True}
_FROM_1 = {"required": True, "minimum": 1}
_DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"


def _text(about: str, **constraints: Any) -> Column:
    return Column("string", about, _NEEDED | constraints)


def _maybe(about: str, kind: Kind = "string", **constraints: Any) -> Column:
    return Column(kind, about, constraints)


def _number(about: str) -> Column:
    return Column("integer", about, _FROM_1)


def _yes_or_no(about: str, **constraints: Any) -> Column:
    return Column("integer", about, {"minimum": 0, "maximum": 1} | constraints)


@dataclass(frozen=True)
class HandTable:
    """A table edited by hand: its path in the data folder, its columns and its keys."""

    path: str
    title: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    #: Foreign keys: own columns, the other resource, its columns.
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()


def code_columns(frames: Iterable[str]) -> dict[str, Column]:
    """Columns of the table of codes: one for each frame, then one for each function."""
    return {
        "unit": _text("identifier of the sentence, as in units"),
        "annotator": _text("A or B; both are large language models"),
        **dict.fromkeys(frames, _yes_or_no("1 where the sentence carries the frame")),
        **dict.fromkeys(FUNCTIONS, _yes_or_no("1 where the sentence has the function")),
    }


#: Constraints of the columns of findings.csv.
_FINDING = {
    "id": _text(COLUMNS["id"], pattern=r"F[0-9]+\.[0-9]+"),
    "status": _text(COLUMNS["status"], enum=["current", "withdrawn"]),
    "statement": _text(COLUMNS["statement"]),
    "estimate": Column("number", COLUMNS["estimate"], _NEEDED),
    "low": _maybe(COLUMNS["low"], "number"),
    "high": _maybe(COLUMNS["high"], "number"),
    "n": _maybe(COLUMNS["n"], "integer"),
    "page": _text(COLUMNS["page"]),
    "date": _maybe(COLUMNS["date"], pattern=_DATE),
}

_UNIT = ((("unit",), "units", ("unit",)),)

HAND_MADE: list[HandTable] = [
    HandTable(
        "annotations/units.csv",
        "Sentences that were coded, by number and without text",
        {
            "unit": _text("identifier; u: first round of coding, v: second"),
            "corpus": _text("briefing, xi or ungdc"),
            "doc_id": _text("identifier of the document"),
            "sentence": _number("number of the sentence in the document, from 1"),
        },
        ("unit",),
    ),
    HandTable(
        "annotations/codes.csv",
        "Codes of two machine annotators: frames and functions of each sentence",
        # plus a column for each frame of the dictionary
        code_columns([]),
        ("unit", "annotator"),
        _UNIT,
    ),
    HandTable(
        "annotations/predictions.csv",
        "Frames that models predict of the coded sentences; the dictionary was tuned on them",
        {
            "unit": _text("identifier of the sentence, as in units"),
            "model": _text(
                "bag-of-words, dictionary, dictionary-cv, dictionary-cv-seen or keywords"
            ),
            "fold": _maybe(
                "fold in which it was held out; empty if not cross-validated", "integer"
            ),
            "frame": _text("id of the frame"),
            "predicted": _yes_or_no("1 where the model gives the sentence the frame", **_NEEDED),
        },
        ("unit", "model", "frame"),
        _UNIT,
    ),
    HandTable(
        "annotations/annotators.csv",
        "Who coded what: language models, with their instructions",
        {
            "table": _text("table of codes in this folder"),
            "annotator": _text("as in that table"),
            "maker": _text("who reads: a person, or the maker of a language model"),
            "model": _text("model, as far as it is known"),
            "version": _maybe("its version; empty where it was not reported"),
            "date": _text("day of the coding", pattern=_DATE),
            "instructions": _maybe("how the annotator worked"),
        },
        ("table", "annotator"),
    ),
    HandTable(
        "annotations/unseen_units.csv",
        "Sentences drawn by lot after the frame dictionary was fixed, without text",
        {
            "unit": _text("identifier; w: third round of coding"),
            "corpus": _text("corpus of the sentence"),
            "doc_id": _text("identifier of the document"),
            "sentence": _number("number of the sentence in the document, from 1"),
            "stratum": _text(
                "random: of all sentences; phrase: of those with the Shanghai Spirit; other: of "
                "the other sentences of the documents with it",
                enum=["random", "phrase", "other"],
            ),
            "population": _number("sentences in the stratum, of which these were drawn by lot"),
        },
        ("unit",),
    ),
    HandTable(
        "annotations/unseen_codes.csv",
        "Codes of two machine annotators for the sentences drawn later",
        code_columns([]) | {"annotator": _text("C or D; both are runs of one language model")},
        ("unit", "annotator"),
        ((("unit",), "unseen-units", ("unit",)),),
    ),
    HandTable(
        "annotations/unseen_predictions.csv",
        "Frames that models predict of the English sentences drawn later; none has seen them",
        {
            "unit": _text("identifier of the sentence, as in unseen_units"),
            "model": _text("bag-of-words, characters, dictionary or keywords"),
            "frame": _text("id of the frame"),
            "predicted": _yes_or_no("1 where the model gives the sentence the frame", **_NEEDED),
        },
        ("unit", "model", "frame"),
        ((("unit",), "unseen-units", ("unit",)),),
    ),
    HandTable(
        "annotations/alignment.csv",
        "Sentences of the two reports that tell the same, by one machine reader",
        {
            "ecns_sentence": _number("number of the sentence in ecns-2020-11-05"),
            "beltandroad_sentence": _number("number in beltandroad-news-2020-11-06"),
            "relation": _text(
                "same, or partial: at least one shared proposition", enum=["same", "partial"]
            ),
            "content": _maybe("what both tell, in the reader's words"),
        },
        ("ecns_sentence", "beltandroad_sentence"),
    ),
    HandTable(
        "annotations/alignment_doubtful.csv",
        "Pairs of sentences of the two reports on which that reader was in doubt",
        {
            "ecns_sentence": _number("number of the sentence in ecns-2020-11-05"),
            "beltandroad_sentence": _number("number in beltandroad-news-2020-11-06"),
            "listed": _maybe("whether the pair is in alignment.csv all the same", "boolean"),
            "doubt": _maybe("what speaks against it, in the reader's words"),
        },
        ("ecns_sentence", "beltandroad_sentence"),
    ),
    HandTable(
        "annotations/pairs.csv",
        "Which Chinese text of Xi Jinping is the original of which English one, as read by one",
        {
            "en_doc_id": _text("identifier of the document in the corpus xi"),
            "zh_date": _text("date of the Chinese page, often a day later", pattern=_DATE),
            "zh_row": Column("integer", "row in the table of Chinese texts, from 0", _NEEDED),
            "verdict": _text("whether it is the same text", enum=["same", "other"]),
            "genre": _text("what the Chinese page is", enum=["speech", "report"]),
            "note": _maybe("what the reader saw"),
        },
        ("en_doc_id",),
        ((("en_doc_id",), "xi-documents", ("doc_id",)),),
    ),
    HandTable(
        "annotations/voices.csv",
        "Whose voice carries each sentence of the two reports, by one machine reader",
        {
            "doc_id": _text("identifier of the document"),
            "sentence": _number("number of the sentence in the document, from 1"),
            "voice": _text("le or paper", enum=["le", "paper"]),
            "marker": _maybe("reporting-verb, direct-quotation, carried-over or none"),
            "about": _maybe("main actor of the sentence"),
        },
        ("doc_id", "sentence"),
        ((("doc_id", "sentence"), "briefing-sentences", ("doc_id", "sentence")),),
    ),
    HandTable(
        "annotations/whose_word.csv",
        "Whose words the evening news gives at each place of the Shanghai Spirit, by two readings",
        {
            "doc_id": _text("identifier of the item in xwlb"),
            "place": _number("number of the occurrence in the item, from 1"),
            "annotator": _text("A or B; both are runs of one large language model"),
            "who": _text(
                "speaker, by the codebook whose-word-codebook.md",
                enum=[
                    "xi",
                    "chinese-premier",
                    "chinese-foreign-minister",
                    "other-chinese-official",
                    "other-state-leader",
                    "leaders-together",
                    "joint-document",
                    "other-person",
                    "nobody",
                ],
            ),
            "person": _maybe("name as printed, where the codebook asks for it"),
            "country": _maybe("of that person, ISO 3166-1 alpha-3"),
            "quoting": _maybe("whom the speaker quotes, a code of who"),
            "mode": _text(
                "how the words are given", enum=["quotation", "reported", "title", "narration"]
            ),
            "components": Column(
                "integer",
                "how many of the six components stand in the same sentence",
                _NEEDED | {"minimum": 0, "maximum": 6},
            ),
            "doubt": _text("whether another reader might decide otherwise", enum=["true", "false"]),
        },
        ("doc_id", "place", "annotator"),
    ),
    HandTable(
        "annotations/precision.csv",
        "Hits that were read: whether the phrase there is the formulation meant",
        {
            "corpus": _text("corpus of the hit"),
            "hit_id": _text(
                "document, sentence, and which hit of the entry in that sentence, from 1",
                pattern=r".+:[1-9][0-9]*:[1-9][0-9]*",
            ),
            "entry": _text("id of the phrasebook entry"),
            "right": _yes_or_no("1 where the phrase is the formulation meant", **_NEEDED),
            "note": _maybe("what it is instead"),
            "reader": _text("who read it; a large language model"),
        },
        ("corpus", "hit_id", "entry"),
    ),
    HandTable(
        "findings.csv",
        "The findings as last agreed on: sentence, estimate, interval",
        {name: _FINDING.get(name) or _maybe(about) for name, about in COLUMNS.items()},
        ("id",),
    ),
    HandTable(
        "lexicon/intensifiers.csv",
        "Words that evaluate or intensify, sorted by how they do it",
        {
            "word": _text("a word as the tokeniser gives it, lower-cased"),
            "kind": _text(
                "degree, vigour, worth, or increase (verbs of making more)",
                enum=["degree", "vigour", "worth", "increase"],
            ),
        },
        ("word",),
    ),
    HandTable(
        "facts/memberships.csv",
        "Standing of states in the Shanghai Cooperation Organisation, to the end of 2024",
        {
            "country_code": _text("ISO 3166-1 alpha-3"),
            "country": _text("name in plain English"),
            "status": _text(
                "member, observer or dialogue partner",
                enum=["member", "observer", "dialogue partner"],
            ),
            "decided": _text("day on which the heads of state decided on it", pattern=_DATE),
            "from": _text("day on which it took effect, as precise as is known", pattern=_DATE),
            "to": _maybe("day on which the next status begins; empty if still so", pattern=_DATE),
            "source": _text("where the dates can be checked"),
            "note": _maybe("what a reader must know of this row"),
        },
        ("country_code", "status", "from"),
    ),
    HandTable(
        "facts/clubs.csv",
        "Standing of states in the CIS, the CSTO and ASEAN",
        {
            "country_code": _text("ISO 3166-1 alpha-3"),
            "country": _text("name in plain English"),
            "club": _text("CIS, CSTO or ASEAN", enum=["CIS", "CSTO", "ASEAN"]),
            "status": _text("member, participant or associate"),
            "from": _text("ISO 8601, as precise as is known", pattern=_DATE),
            "to": _maybe("day on which the next status begins; empty if still so", pattern=_DATE),
            "source": _text("where the date can be checked"),
            "note": _maybe("what a reader must know of this row"),
        },
        ("country_code", "club", "status", "from"),
    ),
    HandTable(
        "facts/summits.csv",
        "Councils of the Shanghai Cooperation Organisation since 2001",
        {
            "kind": _text(
                "heads of state (a summit) or heads of government",
                enum=["heads of state", "heads of government"],
            ),
            "number": _number("number of the council among those of its kind"),
            "date_from": _text("first day, ISO 8601", pattern=_DATE),
            "date_to": _text("last day, ISO 8601", pattern=_DATE),
            "place": _text("city; the seat of the chair where the council met online"),
            "country": _text("country of the city, ISO 3166-1 alpha-3"),
            "chair": _text("state that chaired the council, ISO 3166-1 alpha-3"),
            "format": _maybe("in person, online or mixed", enum=["in person", "online", "mixed"]),
            "source": _text("where the date can be checked"),
            "verified": _text("whether the date was seen in the source", enum=["yes", "no"]),
            "note": _maybe("what a reader must know of this row"),
        },
        ("kind", "number"),
    ),
    HandTable(
        "metadata/states.csv",
        "What the codes of the UN corpus stand for, by session",
        {
            "code": _text("code in the file names of the corpus"),
            "country": _text("name in plain English"),
            "government": _text("whose government speaks in these sessions"),
            "from_session": _number("first session"),
            "to_session": _number("last session"),
            "kind": _text(
                "member, observer, former or organisation",
                enum=["member", "observer", "former", "organisation"],
            ),
            "note": _maybe("why the row begins or ends here"),
        },
        ("code", "from_session"),
    ),
]
