"""Put what a notebook computes into its output, where the builder of the site finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class _Json:
    """Content that prints as JSON."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def __repr__(self) -> str:
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True)


def glue(name: str, content: Mapping[str, Any]) -> None:
    """Glue content into the output of the notebook (MyST-NB's word); elsewhere do nothing.

    The builder looks for the name: a kind and an id, such as ``finding:F2.1``. The content is
    written as JSON.
    """
    try:
        import myst_nb  # noqa: PLC0415 - not in a plain script
        from IPython.core.getipython import get_ipython  # noqa: PLC0415
    except ImportError:
        return
    if get_ipython() is not None:
        myst_nb.glue(name, _Json(content), display=False)
