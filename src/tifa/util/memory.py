"""Return memory that is no longer used to the operating system earlier than by default."""

from __future__ import annotations

import ctypes
import sys

#: The environment variable that makes polars return unused memory after 300 milliseconds;
#: returning it at once would be slower. The variable must be set before polars is imported.
FRUGAL = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:300"}
#: Blocks of at least this many bytes are returned to the system as soon as they are freed.
_BLOCK = 1_000_000
#: Two options of ``mallopt``, as numbered in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def return_blocks() -> None:
    """Make the C library return large blocks of memory when they are freed; only on Linux."""
    if sys.platform == "linux":
        # musl, another C library, has no mallopt
        set_option = getattr(ctypes.CDLL(None), "mallopt", lambda *_: None)
        for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            set_option(option, _BLOCK)
