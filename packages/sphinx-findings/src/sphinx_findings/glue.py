"""Put what a notebook computes into its output, where the builder of the site finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: MyST-NB does not show an output of such a type, and keeps it.
_KEPT = "application/papermill.record/"


def glue(name: str, content: Mapping[str, Any]) -> None:
    """Glue content into the output of the notebook (MyST-NB's word); elsewhere do nothing.

    The builder looks for the name: a kind and an id, such as ``finding:F2.1``. The content is
    written as JSON.
    """
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not in a plain script
        from IPython.display import publish_display_data  # noqa: PLC0415
    except ImportError:
        return
    if get_ipython() is not None:
        said = json.dumps(content, ensure_ascii=False, sort_keys=True)
        # the output of myst_nb.glue, which takes over a second to load in each notebook
        publish_display_data(  # type: ignore[no-untyped-call]
            {f"{_KEPT}text/plain": said}, {"scrapbook": {"name": name, "mime_prefix": _KEPT}}
        )
