"""Chinese: compare segmenters, matching with matching English, and measure extraction.

    python benchmarks/chinese.py            printed only
    python benchmarks/chinese.py --write    into benchmarks/results

The texts are the corpus reports-zh, for English speeches of ungdc, for extraction all Chinese
corpora; they come from TIFA_TEXTS. Peers that are not installed are left out, and the output says
so: pip install jieba lindera-python-cc-cedict.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import polars as pl
from measure import ROUNDS, in_turn, machine, watched
from run import markdown, write

from tifa.data.files import read_table
from tifa.data.metadata import read_overlay
from tifa.lexicon.load import phrasebook
from tifa.lexicon.match import Matcher, find
from tifa.sources.open import read
from tifa.sources.places import find_texts
from tifa.text import chinese
from tifa.text.language import Language, sentence_table, stream
from tifa.text.segment import segment
from tifa.util.data_folder import data_folder

Cut = Callable[[str], list[str]]
#: Number of characters for the segmenters; the slowest needs half a second.
SAMPLE = 100_000


#: Corpora from small to large.
CORPORA = ("reports-zh", "mfa-zh", "xi-zh", "xwlb")
#: Size of the text in each language to match patterns in, in bytes.
MATCHED = 4_000_000


def texts_of(corpus: str, size: float = float("inf")) -> list[str]:
    """Texts of a corpus, up to a number of bytes."""
    data = data_folder()
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    texts: list[str] = []
    for document in read(find_texts(data, corpus).texts, overlay):
        texts.append(document.text)
        size -= len(document.text.encode())
        if size <= 0:
            break
    return texts


def _jieba(own: tuple[str, ...]) -> Cut:
    import jieba  # noqa: PLC0415 - may be missing

    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in own:
        tokenizer.add_word(word)
    return tokenizer.lcut


def _lindera(own: tuple[str, ...]) -> Cut:
    from lindera import TokenizerBuilder  # noqa: PLC0415 - may be missing

    if own:
        raise NotImplementedError("words of one's own are a dictionary to be built")
    builder = TokenizerBuilder()
    builder.set_mode("normal")
    builder.set_dictionary("embedded://cc-cedict")
    tokenizer = builder.build()

    def cut(text: str) -> list[str]:
        # it drops white space
        found, at = [], 0
        for token in tokenizer.tokenize(text):
            place = text.index(token.surface, at)
            found += [text[at:place], token.surface] if place > at else [token.surface]
            at = place + len(token.surface)
        return [*found, text[at:]] if at < len(text) else found

    return cut


SEGMENTERS: dict[str, tuple[str, Callable[[tuple[str, ...]], Cut]]] = {
    "rjieba": ("rjieba", lambda own: lambda text: segment(text, own)),
    "jieba": ("jieba", _jieba),
    "lindera, CC-CEDICT": ("lindera-python-cc-cedict", _lindera),
}


def cuts_of(pieces: list[str]) -> set[int]:
    """Positions where a text is cut."""
    places, at = set(), 0
    for piece in pieces:
        at += len(piece)
        places.add(at)
    return places


def segmenters(rounds: int) -> pl.DataFrame:
    """Speed, and whether names of phrasebook entries are kept whole."""
    text = chinese.fold("\n".join(texts_of("reports-zh")))[:SAMPLE]
    own = phrasebook().chinese_words
    found = [m.span() for word in own for m in re.finditer(word, text)]
    cutters: dict[tuple[str, str], Cut] = {}
    for name, (package, make) in SEGMENTERS.items():
        for knows, words in (("its dictionary", ()), ("and the phrasebook", own)):
            try:
                cutters[f"{name} {version(package)}", knows] = make(words)
            except ModuleNotFoundError:
                print(f"{name} is not installed", file=sys.stderr)
            except NotImplementedError as error:
                print(f"{name}: {error}", file=sys.stderr)
    pieces = {key: cut(text) for key, cut in cutters.items()}
    assert all("".join(p) == text for p in pieces.values())
    timed = in_turn(
        {"|".join(key): (lambda cut=cut: cut(text)) for key, cut in cutters.items()}, rounds=rounds
    )
    megabytes = len(text.encode()) / 1e6
    rows = []
    for key, cut in pieces.items():
        places = cuts_of(cut) | {0}
        ours = cuts_of(pieces[next(k for k in pieces if k[1] == key[1])])
        both = len(ours & places)
        rows.append(
            {
                "segmenter": key[0],
                "knows": key[1],
                "MB a second": megabytes / timed.median("|".join(key)),
                "pieces": len(cut),
                "names in the text": len(found),
                "cut as one word": _share(
                    sum(b in places and not any(i in places for i in range(a + 1, b))
                        and a in places for a, b in found), len(found)),
                "not cut across": _share(sum(a in places and b in places for a, b in found),
                                         len(found)),
                "cuts shared with rjieba": 2 * both / (len(ours) + len(places - {0})),
            }
        )  # fmt: skip
    return _rounded(pl.DataFrame(rows))


def _share(some: int, of: int) -> float:
    return some / of


def _rounded(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.col(pl.Float64).round_sig_figs(3))


def matching(rounds: int) -> pl.DataFrame:
    """Seconds for a megabyte of text: tokens, and all entries of the phrasebook."""
    book = phrasebook()
    tasks: dict[str, Callable[[], object]] = {}
    sizes: dict[str, float] = {}
    for corpus, language in (("ungdc", "en"), ("reports-zh", "zh")):
        texts = texts_of(corpus, MATCHED)
        table = pl.DataFrame({"doc_id": [str(n) for n in range(len(texts))], "text": texts})
        sentences = sentence_table(table, language)["text"]  # type: ignore[arg-type]
        tasks[language] = _matched(sentences, language, book)  # type: ignore[arg-type]
        sizes[language] = sentences.str.len_bytes().sum() / 1e6
    timed = in_turn(tasks, rounds=rounds)
    rows = [
        {
            "language": language,
            "texts": f"{size:.1f} MB",
            "patterns": sum(map(len, book.patterns(language).values())),  # type: ignore[arg-type]
            "seconds a MB": timed.median(language) / size,
        }
        for language, size in sizes.items()
    ]
    table = pl.DataFrame(rows)
    english = table.filter(pl.col("language") == "en")["seconds a MB"].item()
    return _rounded(table.with_columns((pl.col("seconds a MB") / english).alias("times English")))


def _matched(sentences: pl.Series, language: Language, book: object) -> Callable[[], object]:
    patterns, longer = book.patterns(language), book.not_within(language)  # type: ignore[attr-defined]
    return lambda: find(Matcher(stream(sentences, language)), patterns, not_within=longer)


def extraction() -> pl.DataFrame:
    """Seconds and memory of extracting each Chinese corpus with two processes, once."""
    data, rows = data_folder(), []
    with tempfile.TemporaryDirectory(prefix="tifa-bench-") as name:
        copy = Path(name) / "data"
        for part in ("lexicon", "metadata"):
            shutil.copytree(data / part, copy / part)
        (copy / "texts").mkdir()
        for corpus in CORPORA:
            command = [
                sys.executable, "-m", "tifa.cli", "extract", corpus, "-j", "2",
                "--data", str(copy), "--texts", str(find_texts(data, corpus).texts),
            ]  # fmt: skip
            seconds, peak, _ = watched(command, scratch=copy / "texts")
            documents = read_table(copy / "corpora" / corpus, "documents")
            rows.append(
                {
                    "corpus": corpus,
                    "documents": documents.height,
                    "characters": int(documents["words"].sum()),
                    "seconds": round(seconds, 1),
                    "MiB at most": round(peak.tree),
                }
            )
    return pl.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="write into benchmarks/results")
    chosen = parser.parse_args()
    about = machine() | {"rounds": f"medians of {chosen.rounds}, all in turn"}
    for name, title, table in (
        ("segmenters", "Chinese segmenters", segmenters(chosen.rounds)),
        ("matching", "Matching Chinese and English", matching(chosen.rounds)),
        ("extraction-zh", "Extracting the Chinese corpora, two processes", extraction()),
    ):
        print(markdown(table, about, title))
        if chosen.write:
            write(name, table, about, title)


if __name__ == "__main__":
    main()
