"""From texts to features: what is counted of a text and published."""
