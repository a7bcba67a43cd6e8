"""Should anyone believe it?  Scores, baselines, patterns and natural experiments, all against the record to 2020."""
