"""Settings and results shared by the tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sample import Sample, take_sample


@dataclass
class Context:
    """The sample, how often to measure, and results that later tasks need."""

    rounds: int
    megabytes: float
    scratch: Path
    #: Use every nth document of the large corpus; 1 is all of it.
    every: int = 1
    #: Seconds that nltk needs for a megabyte, by task.
    nltk_per_mb: dict[str, float] = field(default_factory=dict)

    @cached_property
    def sample(self) -> Sample:
        return take_sample(self.megabytes)

    @cached_property
    def half(self) -> Sample:
        """Every other document of the sample."""
        whole = self.sample
        return Sample(whole.source, whole.documents[::2], whole.left_out)

    @cached_property
    def small(self) -> Sample:
        """A tenth of the sample, for peers that would take minutes."""
        whole = self.sample
        return Sample(whole.source, whole.documents[::10], whole.left_out)
