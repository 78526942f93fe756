"""The version of the library, one place for all who print it."""

__version__ = "0.1.0"
