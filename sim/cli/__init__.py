"""The command `minusim`: one module per command or two, imported only when the command is named."""
