"""How other choices (of data, definition or method) change a finding: in words and as a drawing.

Everything is read from the verdict that a notebook has recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Size of the strip, and the room at its ends, in pixels.
WIDTH, HEIGHT, EDGE = 320, 40, 12

#: The end of the name of a kind of choice whose options are left out one after another. All these
#: options together count as one way of counting.
IN_TURN = " in turn"

#: Largest number of choices to name under which a finding fails; the others are only counted.
NAMED = 3


def in_words(choice: str, words: Mapping[str, str]) -> str:
    """Put a choice, "kind: option", in words; a choice without a kind is in words already.

    ``words`` is the setting ``findings_choices``: patterns by kind, or by kind and option.

    >>> words = {"left out": "{} is left out"}
    >>> [in_words(choice, words) for choice in ("left out: Monday", "base: boats", "it rains")]
    ['Monday is left out', 'the choice is “base: boats”', 'it rains']
    """
    choice = choice.replace(f"{IN_TURN}: ", ": ")
    kind, colon, option = choice.rpartition(": ")
    if not colon:
        return choice
    pattern = words.get(choice) or words.get(kind)
    return pattern.format(option) if pattern else f"the choice is “{choice}”"


def failing(given: Mapping[str, Any]) -> tuple[list[tuple[str, float | None]], list[str]]:
    """Choices under which a finding fails alone (with their numbers), or only with another choice.

    ``tried`` of a verdict has what each choice gives alone. ``why`` names the choices of all
    combinations that fail, separated by semicolons; an option without a kind has the kind before
    it. If nothing was tried alone, all choices in ``why`` are taken to fail alone.

    >>> failing({"tried": [["left out: Monday", 4.0, True], ["left out: Sunday", 9.0, False]],
    ...          "specifications": 4, "why": "left out: Monday (4 of 4); Sunday (1 of 2)"})
    ([('left out: Monday', 4.0)], ['left out: Sunday'])
    >>> failing({"tried": [["boats: none", 4.0, True], ["2018 apart", 5.0, True]],
    ...          "why": "boats: none; 2018 apart", "specifications": 2})
    ([('boats: none', 4.0), ('2018 apart', 5.0)], [])
    """
    alone = [(choice, value) for choice, value, fails in given["tried"] if fails]
    if given.get("line") is not None:  # first those whose number is furthest beyond the line
        alone.sort(key=lambda found: -abs(found[1] - given["line"]))
    # choices were not combined if the only ways are the published one and each choice alone
    if given["tried"] and given.get("specifications", 0) <= len(given["tried"]) + 1:
        return alone, []
    named, kind = [], ""
    for choice in given["why"].split("; ") if given["why"] else []:
        before, _, option = re.sub(r" \(\d+ of \d+\)$", "", choice).rpartition(": ")
        kind = before or kind
        named.append(f"{kind}: {option}" if kind else option)
    if not given["tried"]:
        return [(choice, None) for choice in named], []
    known = {choice.replace(f"{IN_TURN}: ", ": ") for choice, _ in alone}
    return alone, [choice for choice in named if choice not in known]


#: Names for how often a claim is true; each applies from this share of ways of counting on.
OFTEN = ((1, "every"), (0.9, "nearly"), (0.6, "most"), (0.4, "half"), (0, "few"))
#: A claim that contains these words says that something is undecided.
UNTOLD = "cannot be told"


def way_of(choice: str) -> str:
    """The way of counting to which a choice belongs: itself, or its kind if left out in turn."""
    kind = choice.rpartition(": ")[0]
    return kind if kind.endswith(IN_TURN) else choice


def often(given: Mapping[str, Any]) -> tuple[str, str]:
    """A name and words for how often a claim is true, and whether the registered one is refuted."""
    grade, says = _ways(given)
    return grade, says + "; what was registered is refuted" * bool(given.get("refuted"))


def _ways(given: Mapping[str, Any]) -> tuple[str, str]:
    """A name and words for the number of ways of counting in which a claim is true.

    A way is a choice changed alone; if these are not known, any combination that was tried. Options
    left out in turn (see ``IN_TURN``) are one way, and the claim is true in it if it is true for
    every option. A claim that something cannot be told is named "untold": that it is true more
    often does not make it more certain.

    >>> for n in (0, 1, 3, 5, 9):
    ...     print(*_ways({"specifications": 10, "turn": n, "tried": [], "claim": ""}), sep=": ")
    every: true in 10 of 10 ways of counting
    nearly: true in 9 of 10 ways of counting
    most: true in 7 of 10 ways of counting
    half: true in 5 of 10 ways of counting
    few: true in 1 of 10 ways of counting
    """
    failed: dict[str, bool] = {}
    for choice, _, fails in given["tried"]:
        way = way_of(choice)
        failed[way] = failed.get(way, False) or fails
    every, wrong = given["specifications"], given["turn"]
    if failed:
        every, wrong = len(failed), sum(failed.values())
    right = every - wrong
    ways = f"in {right:,} of {every:,} {'other ' if failed else ''}ways of counting"
    if UNTOLD in given["claim"]:
        return "untold", f"undecided, also {ways}"
    return next(name for least, name in OFTEN if right >= least * every), f"true {ways}"


def quoted(claim: str) -> str:
    """A claim in quotation marks; quotation marks within it become single ones.

    >>> quoted("“Boats” fell")
    '“‘Boats’ fell”'
    """
    inner = claim.replace("“", "‘").replace("”", "’")
    return f"“{inner}”"


def sureness(given: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """The mark of a finding: how often its claim is true, and the choice that is hardest on it.

    That is the choice under which it fails most clearly, or, if it never fails, the one under which
    it comes nearest to failing.
    """
    alone, together = failing(given)
    grade, says = _ways(given)
    refuted = ""
    if given.get("refuted"):
        refuted = f". The registered claim {quoted(given['refuted'])} is refuted by its own rule"
    one = "not" if len(alone) + len(together) == 1 else "for instance not"
    if alone and grade == "untold":
        several = len({way_of(choice) for choice, _ in alone}) > 1
        hardest = f"; decided{', for instance,' * several} if {in_words(alone[0][0], words)}"
    elif alone:
        hardest = f", {one} if {in_words(alone[0][0], words)}"
    elif together:
        hardest = f", but not if {in_words(together[0], words)} and another choice is made"
    else:
        line = given["line"]
        moved = [c for c in given["tried"] if line is not None and c[1] != given["published"]]
        moved.sort(key=lambda choice: abs(choice[1] - line))
        hardest = f", most narrowly if {in_words(moved[0][0], words)}" if moved else ""
    return says + hardest + refuted


def changes(given: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """How other choices change a finding, for the template choices.html.

    From the verdict ``given`` it makes:

    - ``claim``, ``quantity``, ``published``: what was tried, and the published number
    - ``failing``: choices under which the claim fails, in words, with their numbers (empty if
      unknown), one for each of up to three ways of counting
    - ``more``: how many further ways there are in which it fails
    - ``together``: choices under which it fails only with another one, in words
    - ``often``: how often it is true, in words
    - ``untold``: whether it claims that something is undecided
    - ``strip``: a drawing of all choices
    - ``alone``, ``marked``: how many choices were changed alone, and how many ways these are
    - ``ways``, ``fails``: how many combinations were tried, and in how many the claim fails
    """
    alone, together = failing(given)
    line = given.get("line")
    hardest: dict[str, tuple[str, float | None]] = {}
    for choice, number in alone:
        hardest.setdefault(way_of(choice), (choice, number))
    return {
        "claim": given["claim"],
        "quantity": given["quantity"],
        "published": _number(given["published"], line),
        "failing": [(in_words(c, words), _number(n, line)) for c, n in [*hardest.values()][:NAMED]],
        "more": max(0, len(hardest) - NAMED),
        "together": [in_words(choice, words) for choice in together],
        "often": often(given)[1],
        "untold": UNTOLD in given["claim"],
        "strip": strip(given),
        "alone": len(given["tried"]),
        "marked": len({way_of(choice) for choice, *_ in given["tried"]}),
        "ways": given["specifications"],
        "fails": given["turn"],
    }


def _number(value: float | None, line: float | None = None) -> str:
    """A number, with enough digits to tell it from the line; empty if it was not given.

    >>> _number(24.96), _number(24.96, 25)
    ('25', '24.96')
    """
    if value is None:
        return ""
    digits = 0 if abs(value) >= 10 else 2
    if line is not None and value != line:
        while digits < 6 and f"{value:.{digits}f}" == f"{line:.{digits}f}":
            digits += 1
    return f"{value:,.{digits}f}".removesuffix(".00").replace("-", "−")


def strip(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Positions for the drawing in choices.html: the number under each choice tried alone.

    ``line``, ``published`` and ``dots`` are positions across the strip in pixels; each dot also
    says whether the claim fails there. ``fails`` is the side of the line on which it fails, as left
    edge and width. None if the line or the published number is not given, or nothing was tried.
    """
    line, published, tried = given["line"], given["published"], given["tried"]
    if line is None or published is None or not tried:
        return None
    values = [line, published, *(value for _, value, _ in tried)]
    low, high = float(min(values)), float(max(values))
    scale = (WIDTH - 2 * EDGE) / (high - low or 1)

    def place(value: float) -> float:
        return round(EDGE + scale * (value - low), 1)

    at = place(line)
    return {
        "line": at,
        "says": _number(line),
        "fails": (0, at) if published > line else (at, WIDTH - at),
        "published": place(published),
        "dots": [(place(value), fails) for _, value, fails in tried],
        "width": WIDTH,
        "height": HEIGHT,
    }
