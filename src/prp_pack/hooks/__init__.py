"""Claude Code's events in, replies out: one function an event. `EVENTS` is the table."""
