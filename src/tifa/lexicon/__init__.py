"""Read the phrasebook and the frame dictionary, and find where their patterns match."""
