"""Create a new study, and check the tables of a data folder."""
