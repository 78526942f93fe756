"""Hand-written lexicons are checked, and every mistake is named by file, line and field."""

import pytest
from conftest import DATA, refusal, written

from tifa.lexicon.model import read_frames, read_phrasebook

PHRASES = """\
version: 1
families:
  lake: {label: Lake}
entries:
  - id: lakeside-spirit
    label: Lakeside Spirit
    family: lake
    gloss: An invented spirit.
    components: [patience]
    first_attested: {date: 2001-06, source: oar2001}
    variants:
      - {id: plain, patterns: ["lakeside spirit"]}
      - {id: other, patterns: ["spirit of the lakeside"]}
  - id: patience
    label: patience
    family: lake
    gloss: An invented component.
    variants:
      - {id: plain, patterns: [patience]}
      - {id: zh, zh_patterns: ["忍耐(的|)心", 耐心]}
    zh_not_within: [不耐心]
"""

FRAMES = """\
version: 1
names:
  - harbour health office
frames:
  - id: health
    label: Health
    about: Of health.
    indicators:
      - clinic*
      - pattern: boats
        weight: 0.5
        not_before: [of state]
        with: [doctor]
  - id: trade
    label: Trade
    about: Of trade.
    indicators: [trade]
"""


def test_the_examples_are_right(tmp_path):
    # otherwise the tests below would find other mistakes than intended
    written(tmp_path, {"phrases.yml": PHRASES, "frames.yml": FRAMES})
    book = read_phrasebook(tmp_path / "phrases.yml")
    assert [len(p) for p in book.compiled.values()] == [1, 1, 1]
    assert book.entry("patience").variants[1].zh_patterns == ["忍耐(的|)心", "耐心"]
    assert book.entry("patience").zh_not_within == ["不耐心"]
    assert book.entries[0].first_attested.date == "2001-06"
    indicators = read_frames(tmp_path / "frames.yml").frames[0].indicators
    assert (indicators[0].pattern, indicators[1].requires) == ("clinic*", ["doctor"])
    with refusal("did you mean: lakeside-spirit"):
        book.entry("lakeside-spirits")


# old text, new text, part of the named line, part of the message
MISTAKES = {
    "broken YAML": ("families:", "families: [", "entries:", ["broken YAML"]),
    "unknown field": ("    gloss: An invented spirit.", "    gloss: x\n    colour: blue", "colour",
        ["'lakeside-spirit'", "colour", "no such field"]),
    "missing field": ("    gloss: An invented component.\n", "", "  - id: patience",
        ["'patience'", "gloss", "required"]),
    "bad pattern": ("[patience]}", '["(patience"]}', '"(patience"',
        ["'patience'", "patterns", "bracket"]),
    "no pattern": ("[patience]}", "[]}", "[]", ["'patience'", "patterns"]),
    "no variant": (PHRASES[PHRASES.rindex("    variants:") : PHRASES.rindex("    zh_not_within")],
        "    variants: []\n", "variants: []", ["'patience'", "variants"]),
    "no pattern of either language": ('zh_patterns: ["忍耐(的|)心", 耐心]', "", "{id: zh,",
        ["'patience'", "patterns, zh_patterns or both"]),
    "no Chinese pattern": ('["忍耐(的|)心", 耐心]', "[]", "[]", ["'patience'", "zh_patterns"]),
    "Chinese bracket": ("(的|)心", "(的|心", "(的|心", ["'patience'", "bracket"]),
    "same Chinese pattern twice": ("耐心]}", "忍耐的心]}", "忍耐的心]}",
        ["'patience'", "忍耐(的|)心", "both match"]),
    "longer word that holds no pattern": ("[不耐心]", "[不耐烦]", "不耐烦",
        ["'patience'", "lie within"]),
    "longer word that is not": ("[不耐心]", "[耐心]", "[耐心]", ["'patience'", "lie within"]),
    "longer word with choices": ("[不耐心]", '["(不|)耐心"]', "(不|)", ["'patience'", "plain"]),
    "duplicate id": ("[不耐心]\n",
        "[不耐心]\n" "  - id: patience # again\n    label: p\n    family: lake\n    gloss: g\n"
        "    variants: [{id: plain, patterns: [hurry]}]\n",
        "# again", ["'patience'", "used twice"]),
    "id that is none": ("  - id: patience", "  - id: Pa tience", "Pa tience",
        ["id", "small letters, digits and hyphens"]),
    "several": ("    label: patience\n", "    colour: blue\n", "  - id: patience",
        ["'patience', label: this field is required; line ", "colour: no such field"]),
    "unknown family": ("label: patience\n    family: lake", "label: patience\n    family: pond",
        "pond", ["'patience'", "'pond'", "lake"]),
    "unknown component": ("[patience]\n", "[hurry]\n", "[hurry]", ["'lakeside-spirit'", "'hurry'"]),
    "component of itself": ("[patience]\n", "[lakeside-spirit]\n", "components",
        ["'lakeside-spirit'"]),
    "duplicate key": ("    label: patience", "    label: patience\n    label: hurry",
        "label: hurry", ["'label'", "twice"]),
    "variant id twice": ("{id: other,", "{id: plain,", "spirit of the", ["'plain'", "used twice"]),
    "same pattern twice": ("spirit of the lakeside", "Lakeside-SPIRIT", "Lakeside-SPIRIT",
        ["'lakeside-spirit'", "matches the same"]),
    "bad date": ("date: 2001-06,", "date: June,", "June", ["date"]),
    "text for a list": ("patterns: [patience]", "patterns: p", "patterns: p}", ["patterns"]),
    "no entries": (PHRASES[PHRASES.index("entries:") :], "entries: []\n", "entries: []",
        ["entries"]),
}  # fmt: skip


FRAME_MISTAKES = {
    "unknown field": ("        weight: 0.5", "        wait: 0.5", "wait", ["'health'", "wait"]),
    "weight too large": ("weight: 0.5", "weight: 1.5", "weight", ["'health'", "weight", "1.5"]),
    "bad pattern": ("      - clinic*", '      - "clinic, , x"', "clinic, , x",
        ["'health'", "pattern"]),
    "bad rule": ("[of state]", '["(of"]', "not_before", ["'health'", "not_before", "bracket"]),
    "bad name": ("  - harbour health office", '  - "*"', '"*"', ["names"]),
    "duplicate id": ("  - id: trade", "  - id: health # again", "# again", ["'health'", "twice"]),
    "indicator twice": ("indicators: [trade]", "indicators: [trade, trade]", "indicators: [trade",
        ["'trade'", "twice"]),
    "no indicator": ("indicators: [trade]", "indicators: []", "indicators: []", ["'trade'"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "case"),
    [("phrases.yml", c) for c in MISTAKES] + [("frames.yml", c) for c in FRAME_MISTAKES],
)
def test_a_mistake_is_named_with_file_line_and_field(tmp_path, file, case):
    right, mistakes = (PHRASES, MISTAKES) if file == "phrases.yml" else (FRAMES, FRAME_MISTAKES)
    old, new, part, said = mistakes[case]
    assert old in right
    content = right.replace(old, new, 1)
    line = next(n for n, line in enumerate(content.splitlines(), 1) if part in line)
    written(tmp_path, {file: content})
    with refusal(f"{file}:{line}:", *said):
        (read_phrasebook if file == "phrases.yml" else read_frames)(tmp_path / file)


def test_no_file_and_a_huge_one(tmp_path):
    with refusal("no such file"):
        read_phrasebook(tmp_path / "phrases.yml")
    (tmp_path / "frames.yml").mkdir()
    with refusal("frames.yml"):
        read_frames(tmp_path / "frames.yml")
    written(tmp_path, {"phrases.yml": b"#" * 4_000_001})
    with refusal("at most"):
        read_phrasebook(tmp_path / "phrases.yml")


def test_entries_have_pinyin_and_sources_of_first_attestations_are_in_the_bibliography():
    bibliography = (DATA.parent / "book" / "references.bib").read_text("utf-8")
    book = read_phrasebook(DATA / "lexicon" / "phrases.yml")
    sources = {e.first_attested.source for e in book.entries if e.first_attested}
    assert [s for s in sources if f"{{{s}," not in bibliography] == []
    tifa = [e for e in book.entries if book.families[e.family].role == "tifa"]
    assert all(bool(e.zh) == bool(e.pinyin) for e in tifa)


def test_a_wording_stands_once_in_simplified_or_traditional_characters(tmp_path):
    both = PHRASES.replace("耐心]}", "耐心, 忍讓]}\n      - {id: again, zh_patterns: [忍让]}")
    written(tmp_path, {"phrases.yml": both})
    book = read_phrasebook(tmp_path / "phrases.yml")
    assert book.patterns("en")
    with refusal("'patience'", "忍让", "'again'", "matches the same as", "忍讓"):
        book.patterns("zh")
