"""Does nothing: `benchmarks.house` has made the tables."""
