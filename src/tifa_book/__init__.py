"""The site of the compendium: builds it from pages, notebooks and data."""
