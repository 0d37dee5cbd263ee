"""CPU seconds of checking one document, without the start: `inside.py FOLDER DOCUMENT ROUNDS`."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from prp_pack.check.engine import Checker
from prp_pack.repository import Repository

checker = Checker(Repository(Path(sys.argv[1])))
found = []
for _ in range(int(sys.argv[3]) + 1):
    began = time.process_time()
    checker.check(sys.argv[2])
    found.append(time.process_time() - began)
# The first round reads the template and the other documents too.
print(statistics.median(found[1:]))
