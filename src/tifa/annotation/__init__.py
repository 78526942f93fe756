"""Codes of annotators, coding sheets, and what the dictionary reaches against them."""
