"""What a host's robots.txt allows, by RFC 9309: the longest rule wins, allow before disallow.

The standard library's parser takes the first rule that fits and knows no ``*`` and ``$``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class Robots:
    """The rules of one host for one user agent."""

    #: Pattern of a path, and whether it is allowed.
    rules: tuple[tuple[str, bool], ...] = ()
    #: Seconds the host asks for between two requests.
    delay: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether an address may be asked for.

        Examples
        --------
        >>> robots = read_robots("User-agent: *\\nDisallow: /news\\nAllow: /news/*.html$", "tifa")
        >>> robots.allows("https://lake.example/news/boats.html")
        True
        >>> robots.allows("https://lake.example/news/boats.html?print")
        False

        """
        parts = urlsplit(url)
        path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        fitting = [(len(p), allowed) for p, allowed in self.rules if _fits(p, path)]
        # of two rules of one length the one that allows wins
        return max(fitting)[1] if fitting else True


def read_robots(content: str, agent: str) -> Robots:
    """Take the rules for a user agent out of a robots.txt.

    Parameters
    ----------
    content
        The file. What is not understood is passed over.
    agent
        The name of the program, such as ``tifa``.

    Returns
    -------
    Robots
        The rules of all groups that name the agent, else of those that name ``*``.

    Examples
    --------
    >>> read_robots("User-agent: *\\nCrawl-delay: 4", "tifa").delay
    4.0

    """
    groups: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    named = False
    agents: set[str] = set()
    reading_agents = False
    for line in content.splitlines():
        key, mark, value = line.split("#", 1)[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not mark:
            continue
        if key == "user-agent":
            if not reading_agents:
                agents = set()
            reading_agents = True
            agents.add(value.lower().split("/")[0].strip())
            named = named or agent.lower() in agents
            continue
        reading_agents = False
        for own, name in ((True, agent.lower()), (False, "*")):
            if name in agents:
                groups[own].append((key, value))
    lines = groups[named]
    rules = tuple((_plain(v), k == "allow") for k, v in lines if k in ("allow", "disallow") and v)
    delays = [float(v) for k, v in lines if k == "crawl-delay" and re.fullmatch(r"\d+\.?\d*", v)]
    return Robots(rules, max(delays, default=0.0))


def _plain(path: str) -> str:
    """One spelling for every path: escapes undone and made again."""
    return quote(unquote(path), safe="/*$?&=;:@!+,~()'%-._")


def _fits(pattern: str, path: str) -> bool:
    # by hand, not as a regular expression: a hostile file must not cost exponential time
    anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for i, piece in enumerate(pieces[1:], 1):
        if anchored and i == len(pieces) - 1:
            return len(path) - len(piece) >= place and path.endswith(piece)
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return not anchored or place == len(path)
