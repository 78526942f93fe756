"""Words, tokens and sentences, by the same rules for every corpus."""
