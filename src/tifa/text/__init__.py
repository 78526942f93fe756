"""Split texts into sentences, words and tokens, by the same rules for all corpora of a language."""
