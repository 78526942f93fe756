"""Show a map of two reports, with the length, codes and entries of each sentence but no text."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sphinx_findings import glue

from tifa.publish.figures import source_line, to_csv
from tifa.publish.tables import Shown
from tifa.util.errors import TifaError

#: Descriptions, for readers, of how a text shows who speaks.
VOICES = {
    "reporting-verb": "by a reporting verb",
    "direct-quotation": "in direct quotation",
    "carried-over": "carried over, without a mark",
    "none": "without a mark",
}
#: Descriptions, for readers, of how far two paired sentences say the same.
RELATIONS = {"same": "the same", "partial": "in part"}


def coded_sentences(
    sentences: pd.DataFrame,
    *,
    frames: pd.DataFrame,
    dictionary: pd.DataFrame,
    formulas: pd.DataFrame,
    voices: pd.DataFrame,
    pairs: pd.DataFrame,
    reports: Mapping[str, str],
) -> pd.DataFrame:
    """Collect the annotations of each sentence of two reports.

    All tables except ``pairs`` have the columns ``doc_id`` and ``sentence``, and these:

    - ``sentences`` has ``words``, the number of words;
    - ``frames`` has ``frame``, the label of a frame on which both annotators agree;
    - ``dictionary`` has ``frame``, the label of a frame that the dictionary finds;
    - ``formulas`` has ``label``, the label of an entry;
    - ``voices`` has ``voice`` (a description of who speaks) and ``marker`` (a key of
      :data:`VOICES`).

    ``pairs`` has ``sentence`` (of the first report), ``other_sentence`` (of the second report),
    ``relation`` (a key of :data:`RELATIONS`) and ``in doubt``. ``reports`` maps the doc_ids of the
    two reports to their names.

    Returns one row per sentence, with the columns ``report``, ``sentence``, ``words``, ``frames``,
    ``dictionary``, ``formulas``, ``voice`` and ``partners``. ``partners`` has one list for each
    sentence of the other report that is paired with this one: its number, a description of the
    relation, and whether the pair is in doubt. Labels are in alphabetical order, because their
    order in the sentence would reveal something about the text. Raises TifaError if there are not
    two reports.
    """
    if len(reports) != 2:
        raise TifaError(f"a map of sentences needs two reports, not {len(reports)}")
    first, second = reports
    partners_of: dict[tuple[str, int], list[list[Any]]] = defaultdict(list)
    columns = ["sentence", "other_sentence", "relation", "in doubt"]
    for one, other, relation, doubt in pairs[columns].itertuples(index=False):
        how = [RELATIONS.get(relation, relation), bool(doubt)]
        partners_of[first, int(one)].append([int(other), *how])
        partners_of[second, int(other)].append([int(one), *how])
    spoken = voices.set_index(["doc_id", "sentence"])
    rows = []
    for doc_id, name in reports.items():
        own = sentences[sentences["doc_id"] == doc_id].sort_values("sentence")
        for number, words in own[["sentence", "words"]].itertuples(index=False):
            voice = spoken.loc[(doc_id, number)]
            rows.append(
                {
                    "report": name,
                    "sentence": int(number),
                    "words": int(words),
                    "frames": _labels(frames, doc_id, number, "frame"),
                    "dictionary": _labels(dictionary, doc_id, number, "frame"),
                    "formulas": _labels(formulas, doc_id, number, "label"),
                    "voice": f"{voice['voice']}, {VOICES.get(voice['marker'], voice['marker'])}",
                    "partners": sorted(partners_of[doc_id, int(number)]),
                }
            )
    return pd.DataFrame(rows)


def _labels(table: pd.DataFrame, doc_id: str, sentence: int, column: str) -> list[str]:
    entries = table[(table["doc_id"] == doc_id) & (table["sentence"] == sentence)]
    return sorted(set(entries[column]), key=str.lower)


def show_map(
    table: pd.DataFrame,
    *,
    name: str,
    frames: Sequence[str],
    claim: str,
    caption: str,
    tables: Sequence[str],
) -> Shown:
    """Show the table of :func:`coded_sentences`, with an empty element for the map.

    A script of the site draws the map from the table. The anchor of the map is map-NAME. ``frames``
    are the labels of all frames, in the order of their colours; ``tables`` are the files below
    data/ from which ``table`` was computed. Raises TifaError if ``table`` has a frame that is not
    in ``frames``, or if one of the files does not exist.
    """
    stray = {f for row in table["frames"] for f in row} - set(frames)
    if stray:
        raise TifaError(f"map {name}: no colour for frame {min(stray)!r}")
    flat = table.assign(
        **{c: table[c].map("; ".join) for c in ("frames", "dictionary", "formulas")},
        partners=table["partners"].map(_partners_in_words),
    )
    heads = {column: column for column in table.columns} | {
        "dictionary": "by dictionary",
        "formulas": "formulations",
        "partners": "partner in the other report",
    }
    head = "".join(f'<th scope="col">{label}</th>' for label in heads.values())
    body = "".join(map(_row, table.to_dict("records"), flat.itertuples(index=False)))
    order = html.escape(json.dumps(list(frames), ensure_ascii=False))
    markup = (
        f'<figure class="tifa-map" id="map-{name}" data-frames="{order}">'
        f'<p class="tifa-claim">{html.escape(claim)}</p>'
        '<div class="tifa-map-play" hidden></div>'
        "<noscript><p>The map is drawn by a script, which does not run here; the table holds the "
        "same facts.</p></noscript>"
        "<p data-from-disk hidden>You opened this page from disk. Browsers draw the map only where "
        "the page comes from a server (<code>make serve</code>); the table holds the same "
        "facts.</p>"
        "<details open><summary>Table: the map in numbers</summary>"
        '<div class="tifa-table" role="region" tabindex="0" aria-label="Table: the map in '
        f'numbers"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        "</details>"
        f"<figcaption>{html.escape(caption)}{source_line(name, tables)}</figcaption></figure>"
    )
    content: dict[str, Any] = {"html": markup, "alt": caption, "caption": caption, "claim": claim}
    content |= {"axes": [], "tables": list(tables)}
    glue(f"map:{name}", content | {"csv": to_csv(flat), "columns": [*heads.items()]})
    return Shown(f"figure {name}", markup)


def _partners_in_words(partners: list[list[Any]]) -> str:
    """Describe the partners of a sentence, such as "8 in part (in doubt)"."""
    return "; ".join(f"{n} {how}{' (in doubt)' if doubt else ''}" for n, how, doubt in partners)


def _row(facts: Mapping[Any, Any], cells: Iterable[Any]) -> str:
    data = html.escape(json.dumps(facts, ensure_ascii=False))
    shown = "".join(f"<td>{html.escape(str(value)) or 'none'}</td>" for value in cells)
    return f'<tr data-sentence="{data}">{shown}</tr>'
