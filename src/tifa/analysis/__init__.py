"""Counts, comparisons and the multiverse: tables in, tables out."""
