"""Count entries and phrases in groups of documents.

Each count comes with its base: the number of documents and words in the group.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl

from tifa.analysis.in_texts import count_in_texts
from tifa.data.corpus import Corpus
from tifa.data.files import read_table
from tifa.features.ngrams import LONGEST, THRESHOLD, WORD_THRESHOLD
from tifa.lexicon.find import find
from tifa.lexicon.load import phrasebook
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.model import Phrasebook
from tifa.lexicon.patterns import Pattern
from tifa.sources.open import read_corpus
from tifa.sources.places import find_texts
from tifa.text.chinese import fold
from tifa.text.tokens import stream
from tifa.util.errors import TifaError

#: Columns of a table of counts, which therefore cannot be names of groups.
_COUNTED = ("n", "docs", "documents", "words", "entry")
#: Ids of the variants that some chapters do not count: another name of the same thing, and a
#: document that is named after a place, as in "spirit of the Helsinki Final Act".
APART = ("other-name", "document")
#: How to count hits that share a word: "nested" counts all of them, "longest" only the longest (see
#: ``longest_hits``). The R package quanteda has the same options as nested_scope "key" and
#: "dictionary".
Overlaps = Literal["nested", "longest"]


def only_named(hits: pd.DataFrame) -> pd.DataFrame:
    """Return all hits except those of the variants in :data:`APART`.

    >>> only_named(pd.DataFrame({"entry": "sco", "variant": ["acronym", "other-name"]}))["variant"]
    0    acronym
    Name: variant, dtype: str
    """
    return hits[~hits["variant"].isin(APART)]


def count_hits(
    corpus: Corpus,
    *,
    by: str | pd.Series[str] = "doc_id",
    entries: Sequence[str] | None = None,
    book: Phrasebook | None = None,
    overlaps: Overlaps = "nested",
) -> pd.DataFrame:
    """Count the hits of each entry in each group of documents, zeros included.

    ``by`` is a column of the documents (doc_id, year, country, audience ...), or a Series with the
    group of each document, indexed like ``documents`` or by doc_id. Documents without a group are
    left out. ``entries`` are ids, by default those of all entries that occur; ``book`` is the
    phrasebook, by default that of the corpus's data folder. With ``overlaps`` "longest", only the
    longest of several hits that share a word is counted.

    Returns one row per entry and group: ``entry``, the group, ``n`` (hits), ``docs`` (documents
    with a hit), ``documents`` and ``words`` (all documents and words of the group).

    Raises TifaError if the groups do not fit the documents; if an entry is unknown or has no
    wordings in the language of the corpus; and if an entry was added or its patterns were changed
    since the features were extracted (without ``entries`` and with "nested" overlaps, this is only
    a warning).

    >>> import tifa
    >>> table = count_hits(tifa.load("briefing"), entries=["shanghai-spirit"])
    >>> table["n"].tolist()
    [1, 3]
    """
    groups = _groups(corpus, by)
    name = str(groups.name)
    book = book or phrasebook(data=corpus.data)
    for entry in entries or ():
        book.entry(entry).check_worded(corpus.about.language)
    if overlaps == "longest":
        hits = longest_hits(corpus.hits_of([e.id for e in book.entries], book=book))
        hits = hits if entries is None else hits[hits["entry"].isin(entries)]
    else:
        hits = corpus.hits if entries is None else corpus.hits_of(entries, book=book)
    wanted = list(entries) if entries is not None else sorted(hits["entry"].unique())
    bases = _bases(corpus, groups)
    keyed = pd.DataFrame(
        {"entry": hits["entry"], name: hits["doc_id"].map(groups), "of": hits["doc_id"]}
    )
    found = keyed.groupby(["entry", name]).agg(n=("of", "size"), docs=("of", "nunique"))
    every = pd.MultiIndex.from_product([wanted, bases.index], names=["entry", name])
    return found.reindex(every, fill_value=0).join(bases, on=name).reset_index()


def count_phrase(
    corpus: Corpus,
    phrase: str,
    *,
    by: str | list[str] | pd.Series[str] = "doc_id",
    data: Path | None = None,
    texts: Path | Literal[False] | None = None,
    capitals: bool = False,
    overlaps: Overlaps = "nested",
) -> pd.DataFrame:
    """Count a phrase in each group of documents: an entry with all its variants, or any words.

    ``phrase`` is an id ("mutual-trust"), a label ("Shanghai Spirit"), Chinese ("互信"), a variant,
    or words (``trust``, ``mutual trust and *``). If it names an entry of the phrasebook (see
    ``tifa.lexicon.find``), the entry is counted with all its variants; put the phrase between
    quotation marks to count only these words. Words are written like the patterns of the phrasebook
    and may contain wildcards; possessives and hyphenated compounds are counted too.

    An entry is counted in the table of hits. A single word is counted in the published table of
    words, if the corpus has one (briefing, xi). All other phrases are counted in the texts, if
    these are on this machine. Without the texts, words are counted by year: for ungdc in the table
    of n-grams, which has no rare n-grams and ignores commas, and for Chinese in a table of
    dictionary words. In Chinese texts every occurrence of the characters is counted, even inside a
    longer word.

    ``corpus`` may be a part of a corpus. ``by`` is as for ``count_hits``, or a list of columns,
    whose combinations of values are then the groups. ``data`` is the data folder of the phrasebook,
    by default that of the corpus. ``texts`` is the folder of the texts, by default ``TIFA_TEXTS``
    or the folder given to ``tifa add``; if it is False, texts are never read. With ``capitals``,
    capital letters matter (``US`` does not match ``us``), and the phrase is never taken as an
    entry; without it, capitals matter only in a word after ``=`` (``=US navy``). Words whose
    capitals matter can be counted only in the texts. ``overlaps`` is as for ``count_hits``;
    "longest" is possible only for entries.

    Returns one row per group, zeros included: the group, ``n`` (hits), ``docs`` (documents with the
    phrase; missing if counts of several n-grams were added up, because a document may have several
    of them), ``documents`` and ``words`` (all of the group).

    The ``attrs`` of the table have ``counted`` (what was counted), ``called`` (the same in a few
    words), ``entry`` (its id, None for words), ``source`` (where it was counted), ``note`` (what a
    count in this language may miss; for words this is also a warning) and ``joined`` (words of the
    corpus with an apostrophe that contain a word of the phrase but were not counted, such as
    *l'eau* for *eau*).

    Raises TifaError, with a message that says what to do, in the cases of ``count_hits``; if the
    phrase is not a valid pattern, or can be counted neither in the tables nor in the texts; and if
    the texts are not those from which the features were extracted.

    >>> import tifa
    >>> table = count_phrase(tifa.load("briefing"), "trust")
    >>> table["n"].tolist(), table.attrs["counted"], table.attrs["source"]
    ([1, 2], 'the words "trust"', 'table terms')
    """
    data = data or corpus.data
    if isinstance(by, list) and len(by) > 1:
        numbers, combinations = _crossed(corpus, by)
        table = count_phrase(
            corpus, phrase, by=numbers, data=data, texts=texts, capitals=capitals, overlaps=overlaps
        )
        wide = combinations.join(table.set_index("group"))
        wide.attrs = table.attrs
        return wide.reset_index(drop=True)
    by = by[0] if isinstance(by, list) else by
    language = corpus.about.language
    book = phrasebook(data=data)
    sought = find(book, phrase, language, capitals=capitals)
    if sought.entry:
        table = count_hits(corpus, by=by, entries=[sought.entry.id], book=book, overlaps=overlaps)
        table = table.drop(columns="entry")
        source = "table hits"
    elif overlaps == "longest":
        raise TifaError(
            f"{phrase!r} is not a phrasebook entry: only of entries the longest of those that "
            "overlap can be counted"
        )
    else:
        pattern = sought.patterns[0]
        tables = {p.stem for p in corpus.folder.iterdir()}
        folder = texts or find_texts(data, corpus.name).texts
        one_word = len(pattern.slots) == 1 and pattern.words_only
        # a Chinese phrase may be part of a longer word, and the table of words would miss it there
        if one_word and "terms" in tables and language != "zh":
            table, source = _count_terms(corpus, pattern, by), "table terms"
        elif texts is not False and folder.exists():
            table, source = _count_texts(corpus, sought.patterns, by, data, texts), "texts"
        elif language == "zh":
            table, source = _count_word_years(corpus, sought.text, by), "table word_years"
        elif "ngrams" in tables and corpus.part is None:
            table = _count_ngrams(corpus, pattern, by)
            source = f"table ngrams: seen {THRESHOLD} times or more, words {WORD_THRESHOLD} times"
        else:
            published = "only single" if "terms" in tables else "no"
            raise TifaError(
                f"{_no_entry(phrase)}, and of {corpus.name} {published} words are published; "
                f"{_get_texts(corpus)}, or add the phrase to data/lexicon/phrases.yml and extract "
                "again"
            )
    table.attrs["joined"] = _joined(corpus, sought.patterns) if "terms" in corpus.tables else []
    alone = ", but not inside longer entries" if overlaps == "longest" else ""
    note = sought.note(language)
    if note and sought.entry is None:
        warnings.warn(note, stacklevel=2)
    table.attrs |= {
        "counted": sought.counted + alone,
        "called": sought.called(language),
        "source": source,
        "note": note,
        "entry": sought.entry.id if sought.entry else None,
    }
    return table


def _groups(corpus: Corpus, by: str | pd.Series[str]) -> pd.Series[str]:
    """Return the group of each document, indexed by doc_id."""
    documents = corpus.documents
    if isinstance(by, str):
        corpus.check_column(by)
        if by in _COUNTED:
            raise TifaError(f"{by!r} is a count, no group; give a Series with another name")
        if len(documents) and documents[by].isna().all():
            raise TifaError(f"no document has a value in the column {by!r}")
        return pd.Series(documents[by].to_numpy(), index=documents["doc_id"], name=by)
    name = str(by.name) if by.name is not None else "group"
    if name in _COUNTED:
        raise TifaError(f"groups cannot be named {name!r}, a column of the result: rename them")
    if by.index.equals(documents.index):
        return pd.Series(by.to_numpy(), index=documents["doc_id"], name=name)
    if by.index.has_duplicates or not documents["doc_id"].isin(by.index).all():
        raise TifaError(
            "groups have a value for each row of documents, or are indexed by doc_id; these are "
            "neither"
        )
    return by.reindex(documents["doc_id"]).rename(name)


def _crossed(corpus: Corpus, columns: list[str]) -> tuple[pd.Series[Any], pd.DataFrame]:
    """Number the combinations of values in several columns, such as year and country.

    Returns the number of each document's combination, and a table of all combinations, indexed by
    number.
    """
    if len(set(columns)) < len(columns):
        raise TifaError(f"a column is named twice: {', '.join(columns)}")
    keys = pd.DataFrame({c: _groups(corpus, c).to_numpy() for c in columns})
    keys.index = corpus.documents.index
    numbers = keys.groupby(columns).ngroup().where(keys.notna().all(axis=1)).rename("group")
    combinations = keys.assign(group=numbers).dropna().drop_duplicates("group").set_index("group")
    return numbers, combinations.sort_index()


def _bases(corpus: Corpus, groups: pd.Series[str]) -> pd.DataFrame:
    return (
        pd.DataFrame({"group": groups, "words": corpus.documents["words"].to_numpy()})
        .groupby("group")
        .agg(documents=("words", "size"), words=("words", "sum"))
        .rename_axis(str(groups.name))
    )


def _summed(corpus: Corpus, by: str | pd.Series[str], n: pd.Series[Any]) -> pd.DataFrame:
    """Add up counts in each group of documents; ``n`` has the count of each document, by doc_id."""
    groups = _groups(corpus, by)
    n = n[n > 0]
    keyed = pd.DataFrame({"n": n, "group": groups.reindex(n.index)})
    found = keyed.groupby("group").agg(n=("n", "sum"), docs=("n", "size"))
    bases = _bases(corpus, groups)
    return found.reindex(bases.index, fill_value=0).astype(int).join(bases).reset_index()


def _count_terms(corpus: Corpus, pattern: Pattern, by: str | pd.Series[str]) -> pd.DataFrame:
    terms = corpus.terms
    words = terms["term"].drop_duplicates()
    times = pd.Series(_times(words.tolist(), pattern), index=words)
    rows = terms[terms["term"].isin(times.index[times > 0])]
    n = pd.Series(rows["n"].to_numpy() * times[rows["term"]].to_numpy(), dtype=int)
    return _summed(corpus, by, n.groupby(rows["doc_id"].to_numpy()).sum())


#: What may follow an apostrophe in English words, as in it's, don't and we've.
_CONTRACTIONS = frozenset(("s", "t", "d", "m", "ll", "re", "ve"))


def _joined(corpus: Corpus, patterns: Sequence[Pattern]) -> list[str]:
    """Return the words that were not counted although a part of them matches.

    The part is what comes before or after an apostrophe, as in *l'eau* for *eau*. English
    contractions are left out.
    """
    terms = corpus.terms["term"].drop_duplicates()
    found = []
    for term in terms[terms.str.contains("'")]:
        before, _, after = term.partition("'")
        for slots in (p.slots for p in patterns):
            if any(g.matches(term) for slot in slots for g in slot):
                continue
            elided = any(g.matches(after) for g in slots[0])
            suffixed = after not in _CONTRACTIONS and any(g.matches(before) for g in slots[-1])
            if elided or suffixed:
                found.append(term)
    return list(dict.fromkeys(found))


def _count_texts(
    corpus: Corpus,
    patterns: Sequence[Pattern],
    by: str | pd.Series[str],
    data: Path,
    texts: Path | None,
) -> pd.DataFrame:
    overlay, documents = read_corpus(corpus.name, data, texts, use="counted")
    known = set(corpus.documents["doc_id"])
    found = pd.Series(
        dict(count_in_texts(documents, patterns, language=overlay.language)), dtype=int
    )
    missing, new = known - {*found.index}, {*found.index} - known
    if missing or (new and corpus.part is None):
        raise TifaError(
            f"the texts of {corpus.name} are not those of its features: {len(missing):,} documents "
            f"are missing, {len(new):,} are new; run tifa extract {corpus.name} again"
        )
    return _summed(corpus, by, found.drop([*new]))


def _get_texts(corpus: Corpus) -> str:
    """Return the part of an error message that tells the user how to get the texts."""
    if corpus.about.fetchable:
        return f"get the texts of {corpus.name} (tifa fetch {corpus.name})"
    return (
        f"if you have the texts of {corpus.name}, set TIFA_TEXTS to the folder that holds "
        f"{corpus.name}/ (data/metadata/{corpus.name}.yml says where they come from)"
    )


def _no_entry(phrase: str) -> str:
    return f"{phrase!r} is no entry of the phrasebook (tifa phrases lists them)"


def _count_word_years(corpus: Corpus, word: str, by: str | pd.Series[str]) -> pd.DataFrame:
    column = _year_or_corpus(corpus, by, word, "words")
    rows = corpus.word_years[corpus.word_years["word"] == fold(word)]
    if rows.empty:
        raise TifaError(
            f"{_no_entry(word)}, and not among the dictionary words that are published of "
            f"{corpus.name}, which does not mean that it never occurs; {_get_texts(corpus)}"
        )
    return _by_year(corpus, rows, column)


def _year_or_corpus(corpus: Corpus, by: str | pd.Series[str], phrase: str, counted: str) -> str:
    """Return ``by`` if counts by year can be grouped by it; otherwise raise TifaError."""
    if not isinstance(by, str) or by not in ("year", "corpus") or corpus.part is not None:
        raise TifaError(
            f"{_no_entry(phrase)}, and without the texts of {corpus.name} {counted} are counted by "
            f"year only; say by='year' (--by year), or {_get_texts(corpus)}"
        )
    return by


def _by_year(corpus: Corpus, rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Add up the counts of each year, or of all years if ``by`` is "corpus"."""
    found = rows.assign(corpus=corpus.name).groupby(by)[["n", "docs"]].sum()
    bases = _bases(corpus, _groups(corpus, by))
    return found.reindex(bases.index, fill_value=0).join(bases).reset_index()


def _count_ngrams(corpus: Corpus, pattern: Pattern, by: str | pd.Series[str]) -> pd.DataFrame:
    column = _year_or_corpus(corpus, by, pattern.text, "n-grams")
    if len(pattern.slots) > LONGEST or not pattern.words_only:
        raise TifaError(
            f"{_no_entry(pattern.text)}, nor an n-gram: these have up to {LONGEST} words, no mark "
            f"and no capitals; {_get_texts(corpus)}"
        )
    index = corpus.ngram_rows
    near = index.filter(pl.col("ngram").str.contains(_as_ngram(pattern)))
    times = np.array(_times(near["ngram"].to_list(), pattern), dtype=np.int64)
    near, times = near.filter(pl.Series(times > 0)), times[times > 0]
    if near.is_empty():
        raise TifaError(
            f"{_no_entry(pattern.text)}, and not in the published n-grams of {corpus.name} (seen "
            f"{THRESHOLD} times or more, single words {WORD_THRESHOLD} times), which does not mean "
            f"that it never occurs; {_get_texts(corpus)}"
        )
    places = near.select(pl.int_ranges("first", pl.col("first") + pl.col("rows")).alias("row"))
    rows = read_table(corpus.folder, "ngrams")[places.explode("row")["row"]].to_pandas()
    rows["n"] *= np.repeat(times, near["rows"].to_numpy())
    table = _by_year(corpus, rows, column)
    # a document may have several of these n-grams, so their numbers of documents cannot be added up
    return table if near.height == 1 else table.assign(docs=np.nan)


def _as_ngram(pattern: Pattern) -> str:
    """Return a regular expression for n-grams that a pattern may match as a whole."""
    letters = str.maketrans({"*": "[^ -]*", "?": "[^ -]"})
    slots = ["|".join(glob.text.translate(letters) for glob in slot) for slot in pattern.slots]
    words = "[ -]".join(f"(?:{slot})" for slot in slots)
    return f"^(?:[^ ]*-)?{words}(?:'s)?(?:-[^ ]*)?$"


def _times(ngrams: Sequence[str], pattern: Pattern) -> list[int]:
    """Count for each n-gram the matches of a pattern that cover the whole n-gram."""
    times = [0] * len(ngrams)
    if not times:
        return times
    flow = stream(pl.Series("ngram", ngrams, dtype=pl.String))
    words = np.bincount(flow.word_row, minlength=len(ngrams))
    first = np.cumsum(words) - words
    for hit in find_hits(Matcher(flow), {("", ""): [pattern]}):
        row = flow.part_row[hit.start]
        begins = flow.part_word[hit.start] == first[row]
        if begins and flow.part_stop[hit.stop - 1] == first[row] + words[row]:
            times[row] += 1
    return times


def longest_hits(hits: pd.DataFrame) -> pd.DataFrame:
    """Keep only the longest of several hits that share a word, even if their entries differ.

    ``hits`` are rows of ``corpus.hits``. They are examined from the longest to the shortest, and a
    hit is dropped if it shares a word with one kept before. Among equally long hits, the first in
    the text is examined first; if they also begin at the same position, the first in the table.
    Hits without a published position or length are all kept, with a warning.
    """
    placed = hits["position"].notna() & hits["words"].notna()
    if unplaced := int((~placed).sum()):
        warnings.warn(
            f"{unplaced:,} hits have no published position: counted as if they overlapped nothing",
            stacklevel=3,
        )
    order = hits.loc[placed, ["doc_id", "position", "words"]]
    order = order.sort_values(["words", "position"], ascending=[False, True], kind="stable")
    taken: set[tuple[str, int]] = set()
    kept = []
    for row, doc_id, start, words in order.itertuples():
        positions = {(doc_id, position) for position in range(int(start), int(start + words))}
        if taken.isdisjoint(positions):
            taken |= positions
            kept.append(row)
    return hits[~placed | hits.index.isin(kept)]
