"""Codes of annotators, coding sheets, and how well the dictionary agrees with the codes."""
