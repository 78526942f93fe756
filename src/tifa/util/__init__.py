"""Errors, files, YAML with line numbers, dates, cells of spreadsheets, git, the data folder."""
