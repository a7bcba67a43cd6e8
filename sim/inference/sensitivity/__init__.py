"""Which uncertain numbers decide an outcome or a conclusion: screening, Sobol' indices, and the part that is chance."""
