"""Analyses of corpora: counts, comparisons, and how results change with other methods."""
