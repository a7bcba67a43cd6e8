"""Fault injection into studies: real commands, one fault at a random moment with a fixed seed, then --resume."""
