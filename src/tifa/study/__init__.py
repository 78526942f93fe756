"""A study of one's own, and checks of a data folder."""
