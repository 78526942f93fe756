"""Words, tokens and sentences: one rule for every corpus."""
