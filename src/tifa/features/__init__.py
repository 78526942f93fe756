"""From texts to features: everything that is counted in texts and published."""
