"""Readers of texts: folders, tables, HTML, the UN archive."""
