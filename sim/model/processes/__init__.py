"""What happens in a day: one file, one process, one function of the same name."""
