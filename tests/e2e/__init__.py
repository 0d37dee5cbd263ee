"""The project's commands and hooks, run by the real client against a scripted model."""
