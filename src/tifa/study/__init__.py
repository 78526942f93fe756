"""Your own study, and checks of a data folder."""
