"""Which values of the parameters agree with the record: priors, runs, emulator, posterior, rival structures."""
