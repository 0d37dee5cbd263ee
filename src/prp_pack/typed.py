"""What a module on the way to a check needs of `typing`, which half a start of Python goes into.

To a type checker these names are the library's own; at run time nothing looks at them.
"""

from __future__ import annotations

__all__ = ("TYPE_CHECKING", "Any", "Protocol")

# A type checker takes a name like this one for true, wherever it comes from.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Any = Protocol = object
