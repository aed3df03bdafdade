"""Our time and memory beside those of the libraries that do the same, as ratios within one run. Never a timed test."""
