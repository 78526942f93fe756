"""The site of the compendium: what builds it from pages, notebooks and data."""
