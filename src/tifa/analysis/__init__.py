"""Functions that take and return tables: counts, comparisons, and results under other choices."""
