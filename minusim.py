"""The public names of `sim` under the name of the distribution: `import minusim` and `import sim` give the same."""

from sim import __all__, __dir__, __getattr__, __version__  # noqa: F401 - loaded when they are asked for
