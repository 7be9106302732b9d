"""The commands, each in a module of its name, loaded when it is asked for: `run` does it and returns the exit code."""

__all__ = ["DONE", "FAULT"]

DONE, FAULT = 0, 1  # argparse has its own 2 for usage
