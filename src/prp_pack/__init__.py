"""Make a Product Requirements Prompt a contract that a machine can hold an agent to."""

__version__ = "0.1.0"
