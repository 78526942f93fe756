"""The tables: their columns, their files, and loading them."""
