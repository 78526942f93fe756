"""The phrasebook and the frame dictionary: patterns, their grammar, and where they match."""
