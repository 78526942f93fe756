"""Describe, write, read and load the tables of the data folder."""
