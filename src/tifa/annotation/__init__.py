"""Codes that annotators gave to sentences, coding sheets, and tests of the frame dictionary."""
