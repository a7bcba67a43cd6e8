"""Posterior predictive draws of what is to come, and the particle filter that carries runs along the record."""
