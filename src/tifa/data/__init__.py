"""Describe, write and read the tables of the data folder."""
