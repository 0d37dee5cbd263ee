"""Paths in commands that are shown to be pasted into a shell."""

from prp_pack.regex import regex

# Letters of any language are no matter to a shell; spaces and its own characters are.
_PLAIN = regex(r"[\w@%+=:,./…–-]+")


def quoted(path: str) -> str:
    """Return a path as one word of a shell's command; as it is, where that is one already."""
    if _PLAIN.fullmatch(path):
        return path
    return "'" + path.replace("'", "'\\''") + "'"
