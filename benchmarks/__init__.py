"""Speed, memory and plausibility, measured; never part of the tests."""
