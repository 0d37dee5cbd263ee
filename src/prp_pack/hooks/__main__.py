"""The entry point of hooks: `python -I -m prp_pack.hooks EVENT`, with the event as input."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    # It ends after one document, before there is garbage worth a search.
    gc.disable()

    from prp_pack.hooks.entry import main

    sys.exit(main())
