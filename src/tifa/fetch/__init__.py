"""Get the texts from their sources, and check that they are the texts that were counted."""

from tifa.util.errors import TifaError

try:
    from tifa.fetch.client import Client, FetchError
    from tifa.fetch.page import Hosts
    from tifa.fetch.run import Report, State, fetch_corpus
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("pooch", "protego", "requests", "trafilatura"):
        raise
    raise TifaError(
        f"fetching texts needs the package {error.name}, which is not installed; install this "
        'project with its extra "fetch"'
    ) from None

__all__ = ["Client", "FetchError", "Hosts", "Report", "State", "fetch_corpus"]
