"""Get the texts from where they are, and check that they are the ones that were counted."""

from tifa.fetch.client import Client, FetchError
from tifa.fetch.run import Hosts, Report, State, fetch_corpus
from tifa.fetch.wayback import Wayback

__all__ = ["Client", "FetchError", "Hosts", "Report", "State", "Wayback", "fetch_corpus"]
