"""The command `minusim`: one small file per command, each loaded only when it is asked for."""
