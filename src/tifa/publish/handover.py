"""Hand what a notebook computes to the builder of the site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class _Payload:
    """Content as JSON in the notebook's output."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def __repr__(self) -> str:
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True)


def hand_over(name: str, content: Mapping[str, Any]) -> None:
    """Put it where the builder finds it; outside a notebook there is no such place."""
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not in a plain script
        from myst_nb import glue  # noqa: PLC0415
    except ImportError:
        return
    if get_ipython() is not None:
        glue(name, _Payload(content), display=False)
