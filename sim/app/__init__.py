"""The browser view: a map that plays, measures to move, and a paired comparison that answers."""
