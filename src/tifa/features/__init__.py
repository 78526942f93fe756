"""Extract features from texts: everything that is counted in them and published."""
