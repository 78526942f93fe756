"""Describe and draw how other choices (of data, definition or method) change a finding.

The argument ``given`` of these functions is the verdict on a finding that a notebook has recorded;
its keys are the parameters of :func:`sphinx_findings.record.verdict`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Size of the drawing made by :func:`strip`, and the margin at its two ends, in pixels.
WIDTH, HEIGHT, EDGE = 320, 40, 12

#: A kind of choice whose name ends like this leaves out one item after another, such as each state.
#: All choices of this kind are together one way of counting.
IN_TURN = " in turn"

#: Of the ways of counting in which a claim fails, at most this many are named.
NAMED = 3


def in_words(choice: str, words: Mapping[str, str]) -> str:
    """Put a choice such as "kind: option" in words; a choice without a kind is returned unchanged.

    ``words`` is the setting ``findings_choices``, which maps a kind, or a choice, to words with {}
    in the place of the option.

    >>> words = {"left out": "{} is left out"}
    >>> [in_words(choice, words) for choice in ("left out: Monday", "base: boats", "it rains")]
    ['Monday is left out', 'the choice is “base: boats”', 'it rains']
    """
    choice = choice.replace(f"{IN_TURN}: ", ": ")
    kind, _, option = choice.rpartition(": ")
    if not kind:
        return choice
    pattern = words.get(choice) or words.get(kind)
    return pattern.format(option) if pattern else f"the choice is “{choice}”"


def failing(given: Mapping[str, Any]) -> tuple[list[tuple[str, float | None]], list[str]]:
    """Return the choices that alone make a finding fail, and those that do so only with others.

    The first list has pairs of a choice and the number that results from it; the second has only
    choices. The first list comes from ``tried``, the results of choices that were changed alone.
    The second comes from ``why``, which names the choices in combinations that fail, separated by
    semicolons; an option without a kind there has the same kind as the option before it. If
    ``tried`` is empty, the first list has all choices in ``why``, with None instead of a number.

    >>> failing({"tried": [["left out: Monday", 4.0, True], ["left out: Sunday", 9.0, False]],
    ...          "specifications": 4, "why": "left out: Monday (4 of 4); Sunday (1 of 2)"})
    ([('left out: Monday', 4.0)], ['left out: Sunday'])
    >>> failing({"tried": [["boats: none", 4.0, True], ["2018 apart", 5.0, True]],
    ...          "why": "boats: none; 2018 apart", "specifications": 2})
    ([('boats: none', 4.0), ('2018 apart', 5.0)], [])
    """
    alone = [(choice, value) for choice, value, fails in given["tried"] if fails]
    if given.get("line") is not None:  # sort by distance from the line, the farthest first
        alone.sort(key=lambda found: -abs(found[1] - given["line"]))
    # if the specifications are only these choices and the published one, none were combined
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


#: Grades for how often a claim is true. Before each grade is the smallest share of ways of counting
#: in which a claim with this grade is true.
OFTEN = ((1, "every"), (0.9, "nearly"), (0.6, "most"), (0.4, "half"), (0, "few"))
#: If a claim contains these words, it says that something is undecided.
UNTOLD = "cannot be told"


def way_of(choice: str) -> str:
    """Return the way of counting to which a choice belongs.

    That is the choice itself or, if its kind ends with :data:`IN_TURN`, the kind.
    """
    kind = choice.rpartition(": ")[0]
    return kind if kind.endswith(IN_TURN) else choice


def often(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the result of :func:`_ways`; the words also say if a registered claim failed."""
    grade, says = _ways(given)
    return grade, says + "; what was registered failed" * bool(given.get("refuted"))


def _ways(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return a grade, and words, for the number of ways of counting in which a claim is true.

    A way of counting is a choice that was changed alone; if there is none, it is a combination of
    choices. Choices that leave out items in turn (see :data:`IN_TURN`) are a single way; the claim
    is true in this way if it is true under each of these choices. A claim that something cannot be
    told has the grade "untold", because it is not more certain if it is true more often.

    >>> for n in (0, 1, 3, 5, 9):
    ...     print(*_ways({"specifications": 10, "turn": n, "tried": [], "claim": ""}), sep=": ")
    every: true in 10 of 10 ways of counting
    nearly: true in 9 of 10 ways of counting
    most: true in 7 of 10 ways of counting
    half: true in 5 of 10 ways of counting
    few: true in 1 of 10 ways of counting
    """
    every, wrong, other = given["specifications"], given["turn"], ""
    if given["tried"]:
        every, other = len({way_of(choice) for choice, *_ in given["tried"]}), "other "
        wrong = len({way_of(choice) for choice, _, fails in given["tried"] if fails})
    right = every - wrong
    ways = f"in {right:,} of {every:,} {other}ways of counting"
    if UNTOLD in given["claim"]:
        return "untold", f"undecided, also {ways}"
    return next(name for least, name in OFTEN if right >= least * every), f"true {ways}"


def quoted(claim: str) -> str:
    """Put a claim in quotation marks; quotation marks within it become single ones.

    >>> quoted("“Boats” fell")
    '“‘Boats’ fell”'
    """
    inner = claim.replace("“", "‘").replace("”", "’")
    return f"“{inner}”"


def sureness(given: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return words on how often a finding's claim is true, and under which choice it does worst.

    The claim does worst under the choice for which it fails most clearly or, if it never fails,
    comes nearest to failing. If the claim replaces a registered one that failed, the words say so.
    """
    alone, together = failing(given)
    grade, says = _ways(given)
    if alone and grade == "untold":
        several = len({way_of(choice) for choice, _ in alone}) > 1
        says += f"; decided{', for instance,' * several} if {in_words(alone[0][0], words)}"
    elif alone:
        one = "not" if len(alone) + len(together) == 1 else "for instance not"
        says += f", {one} if {in_words(alone[0][0], words)}"
    elif together:
        says += f", but not if {in_words(together[0], words)} and another choice is made"
    elif given["line"] is not None:
        moved = [c for c in given["tried"] if c[1] != given["published"]]
        nearest = sorted(moved, key=lambda choice: abs(choice[1] - given["line"]))[:1]
        says += "".join(f", most narrowly if {in_words(c[0], words)}" for c in nearest)
    if given.get("refuted"):
        says += f". The registered claim {quoted(given['refuted'])} failed by its own rule"
    return says


def changes(given: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return the values for the template choices.html, which says how choices change a finding:

    - ``claim``, ``quantity``, ``published``: what was tried, and the published number
    - ``failing``: choices under which the claim fails, in words, with their numbers (empty if
      unknown), one for each of up to three ways of counting
    - ``more``: how many further ways of counting there are in which the claim fails
    - ``together``: choices under which the claim fails only together with another choice, in words
    - ``often``: how often the claim is true, in words
    - ``untold``: whether the claim says that something is undecided
    - ``strip``: the positions for a drawing of all choices that were changed alone, or None
    - ``alone``, ``marked``: how many choices were changed alone, and the number of ways of counting
      to which these belong
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
    """Format a number with enough digits to distinguish it from ``line``; "" for None.

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
    """Return the positions for the drawing in choices.html, with a dot for each choice tried alone.

    ``line`` and ``published`` are distances from the left edge in pixels. ``dots`` has a pair for
    each choice: such a distance, and whether the claim fails. ``fails`` has the left edge and the
    width of the area in which the claim fails; ``says`` is the value of the line as text. Returns
    None if the line or the published number is not given, or if no choice was tried alone.
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
