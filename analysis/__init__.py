"""Studies of the model itself; most of them write a page of the documentation."""
