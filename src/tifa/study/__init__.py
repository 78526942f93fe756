"""Create a study of one's own, and check a data folder."""
