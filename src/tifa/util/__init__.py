"""Helpers for errors, files, YAML, dates, spreadsheet cells, git and the data folder."""
