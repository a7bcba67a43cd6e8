"""Mutation testing: wrong by one change at a time, does any check notice?  Run by ``make mutation``."""
