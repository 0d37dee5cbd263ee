"""Ticks: what tells two texts of a document apart when nothing else does."""

from __future__ import annotations

import pytest

from prp_pack.check import ticks
from prp_pack.parse import document

TEXT = """\
## Final Validation Checklist
- [ ] Labels are good
  * [x] Also the small ones

```yaml
- [ ] no box
```
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("", "", True),
        ("- [ ] Labels", "- [x] Labels", True),
        ("* [x] Also", "* [ ] Also", True),
        ("- [ ] Labels are good", "- [x] Labels are fine", False),
        ("- [ ] Labels are good", "- Labels are good", False),
        ("- [ ] no box", "- [x] no box", False),
        ("```\n", "```\n\n- [x] Another\n", False),
        ("  * [x] Also the small ones\n", "", False),
    ],
)
def test_only_the_marks_of_boxes_are_ticks(old: str, new: str, same: bool) -> None:
    changed = TEXT.replace(old, new, 1) if old else TEXT
    assert ticks.are_all(TEXT.split("\n"), document.parse(changed, "PRPs/a.md")) is same
