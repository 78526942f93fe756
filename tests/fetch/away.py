"""A corpus with its texts on a host. All texts are invented."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from conftest import Setting, extract_setting
from hosts import Host

from tifa.data.files import write_corpus
from tifa.data.metadata import read_overlay
from tifa.fetch import Client, Hosts, fetch_corpus
from tifa.fetch.check import Published
from tifa.lexicon.load import read_lexicon

#: Long enough for trafilatura to recognise them as articles.
LAKE = {
    "alder-2001": (
        "The Lakeside Compact met at dawn in the old boat house, and nobody hurried. Its "
        "“Lakeside Spirit” rests on mutual patience, said the keeper of the ferry; without "
        "it the cargo would long have sunk.\n\n"
        "Nine slow boats crossed over with apples, rope and a piano. The harbour health office "
        "counted no illness, opened no clinic and closed early. Trade is good, a rower remarked, "
        "when the wind is kind and the toll is low.\n\n"
        "In the evening it rained. The band moved under the chestnut trees, where the mayor of "
        "Reedham spoke about self-reliance, wet shoes and the spirit of the lakeside.\n"
    ),
    "birch-2002": (
        "Trade between the two shores grew again, the toll keeper reported on Monday. The boats "
        "of the Lakeside Compact Organisation carried cargo for nine days without one quarrel; "
        "even the geese kept quiet.\n\n"
        "A clinic on the north shore asked for a second nurse. The answer was a letter about "
        "mutual patience, read aloud twice because the roof was being mended at the time.\n\n"
        "Lakeside slept through most of it. Only the baker, who rises at three, saw the lanterns "
        "of the last ferry and waved with a loaf.\n"
    ),
}


def page(text, *, headline="Slow boats cross again"):
    """A page of a newspaper around a text."""
    body = "".join(f"<p>{p}</p>" for p in text.strip().split("\n\n"))
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>The Lake Mirror</title>"
        "<script>var ad = '<p>buy</p>';</script></head><body>"
        "<nav><a href=/>Front</a> <a href=/boats>Boats</a> <a href=/weather>Weather</a></nav>"
        f"<article><h1>{headline}</h1><p class=byline>By our man on the pier</p>{body}</article>"
        "<aside><h2>Read also</h2><a href=/x>Geese</a></aside>"
        "<footer>© The Lake Mirror</footer></body></html>"
    ).encode()


@dataclass
class Away:
    """A corpus with local features whose texts are on a host."""

    setting: Setting
    host: Host

    @classmethod
    def of(cls, setting, host, monkeypatch):
        """Extract the features of a setting, and take its texts away."""
        publish(setting)
        shutil.rmtree(setting.texts)
        monkeypatch.setenv("TIFA_TEXTS", str(setting.texts))
        return cls(setting, host)

    @property
    def root(self):
        return self.setting.texts

    @property
    def folder(self):
        return self.setting.source

    def hosts(self):
        """The hosts that tests ask in place of the real ones."""
        return Hosts()

    def fetch(self, source=None):
        return fetch_corpus(
            self.setting.corpus,
            data=self.setting.data,
            source=source,
            client=Client(pause=0, timeout=(2, 2), tries=1),
            hosts=self.hosts(),
        )


def status(report):
    return {d: s.status for d, s in sorted(report.states.items())}


def publish(setting):
    """Extract and write the features of a setting; returns them as published features."""
    write_corpus(setting.folder, extract_setting(setting))
    return Published(setting.folder, read_overlay(setting.overlay), read_lexicon(setting.data))
