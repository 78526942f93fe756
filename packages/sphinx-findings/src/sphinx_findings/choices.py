"""What other choices do to a finding: in words, and as a strip of dots.

All of it is read from the verdict that a notebook has recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Size of the strip, and the room at its ends, in pixels.
WIDTH, HEIGHT, EDGE = 320, 40, 12

#: Largest number of choices to name under which a finding fails; the others are only counted.
NAMED = 3


def in_words(choice: str, words: Mapping[str, str]) -> str:
    """Put a choice, "kind: option", in words; what has no kind is in words already.

    ``words`` is the setting ``findings_choices``: patterns by kind, or by kind and option.

    >>> words = {"left out": "{} is left out"}
    >>> [in_words(choice, words) for choice in ("left out: Monday", "base: boats", "it rains")]
    ['Monday is left out', 'the choice is “base: boats”', 'it rains']
    """
    kind, colon, option = choice.rpartition(": ")
    if not colon:
        return choice
    pattern = words.get(choice) or words.get(kind)
    return pattern.format(option) if pattern else f"the choice is “{choice}”"


def turning(given: Mapping[str, Any]) -> tuple[list[tuple[str, float | None]], list[str]]:
    """Choices that change a finding: alone, each with its number, and only together with another.

    ``tried`` of a verdict has what each choice gives alone. ``why`` names choices from all
    combinations, separated by semicolons; an option alone is of the kind before it. Where nothing
    was tried alone, ``why`` is all that is known, and is taken at its word.

    >>> turning({"tried": [["left out: Monday", 4.0, True], ["left out: Sunday", 9.0, False]],
    ...          "why": "left out: Monday (4 of 4); Sunday (1 of 2)"})
    ([('left out: Monday', 4.0)], ['left out: Sunday'])
    """
    named, kind = [], ""
    for choice in given["why"].split("; ") if given["why"] else []:
        before, _, option = re.sub(r" \(\d+ of \d+\)$", "", choice).rpartition(": ")
        kind = before or kind
        named.append(f"{kind}: {option}" if kind else option)
    if not given["tried"]:
        return [(choice, None) for choice in named], []
    alone = [(choice, value) for choice, value, turned in given["tried"] if turned]
    if given.get("line") is not None:  # the furthest beyond the line first
        alone.sort(key=lambda found: -abs(found[1] - given["line"]))
    known = {choice for choice, _ in alone}
    return alone, [choice for choice in named if choice not in known]


def fragile(given: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """The mark of a fragile finding: the choice under which it fails."""
    alone, together = turning(given)
    if not alone:
        first = in_words(together[0], words)
        return f"fragile: the claim fails if {first} and another choice is made"
    more = len(alone) - 1
    ways = f", and in {more} other way{'s' * (more > 1)}" if more else ""
    return f"fragile: the claim fails if {in_words(alone[0][0], words)}{ways}"


def changes(given: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """What other choices do to a finding, from its verdict, for the template choices.html.

    Claim, quantity and published number; ``turned``, a choice in words and its number (empty where
    that is not known) for each of the first three; ``more``, how many are left; ``together``, in
    words, the choices that only change it with another one; ``held``, where none changes it;
    ``strip``, a drawing of all of them; ``alone``, how many were changed alone, and ``ways``, how
    many ways of counting they make with one another.
    """
    alone, together = turning(given)
    return {
        "claim": given["claim"],
        "quantity": given["quantity"],
        "published": _number(given["published"]),
        "turned": [(in_words(choice, words), _number(n)) for choice, n in alone[:NAMED]],
        "more": max(0, len(alone) - NAMED),
        "together": [in_words(choice, words) for choice in together],
        "held": "" if given["turn"] else held(given),
        "strip": strip(given),
        "alone": len(given["tried"]),
        "ways": given["specifications"],
    }


def _number(value: float | None) -> str:
    """A number; empty if it was not given."""
    if value is None:
        return ""
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace("-", "−")


def held(given: Mapping[str, Any]) -> str:
    """Say that the finding holds under every choice."""
    every = given["specifications"]
    return f"in all {every:,} ways of counting tried" if every > 1 else "in the one other way tried"


def strip(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where the number lands under each choice that was tried alone, for the template strip.html.

    ``line``, ``published`` and ``dots`` are places across the strip in pixels; a dot has also
    whether the claim fails there. ``fails`` is the side of the line on which it does: where it
    begins, and how wide it is. None where the line or what was tried is not given.
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
        "dots": [(place(value), turned) for _, value, turned in tried],
        "width": WIDTH,
        "height": HEIGHT,
    }
