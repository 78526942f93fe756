"""Return unused memory to the system sooner than allocators do by default."""

from __future__ import annotations

import ctypes
import os
import sys

#: Blocks of this many bytes or more go back to the system when they are freed (C library of Linux).
_BLOCK = 1_000_000
#: Numbers of two parameters of ``mallopt``, as in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

#: Environment variables for new processes. The memory of polars goes back after 300 milliseconds;
#: at once would be slower.
FRUGAL = {
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:300",
    "MALLOC_MMAP_THRESHOLD_": str(_BLOCK),
    "MALLOC_TRIM_THRESHOLD_": str(_BLOCK),
}


def be_frugal() -> None:
    """Set this in the current process, which must not have imported polars yet."""
    os.environ.update(FRUGAL | os.environ)
    if sys.platform == "linux":
        # the C library reads its variables when a process starts; musl has no mallopt
        set_option = getattr(ctypes.CDLL(None), "mallopt", lambda *_: None)
        for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            set_option(option, _BLOCK)
