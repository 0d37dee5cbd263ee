"""Draw .claude-plugin/icon.png: a document whose last line is proven.

Usage: python tools/icon.py. Shapes are distances, so that edges are smooth without a library.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

SIZE = 512
FILE = Path(__file__).parents[1] / ".claude-plugin/icon.png"

Colour = tuple[int, int, int]
NIGHT: Colour = (24, 32, 48)
PAPER: Colour = (244, 241, 232)
LINE: Colour = (168, 172, 180)
PROVEN: Colour = (38, 142, 92)


def box(x: float, y: float, half_width: float, half_height: float, radius: float) -> float:
    """Return the distance from a rounded box around the origin; negative inside."""
    dx, dy = abs(x) - half_width + radius, abs(y) - half_height + radius
    return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius


def stroke(x: float, y: float, ends: tuple[float, float, float, float], width: float) -> float:
    """Return the distance from a line with round ends."""
    ax, ay, bx, by = ends
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = min(1.0, max(0.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) - width / 2


def pixel(x: float, y: float) -> bytes:
    """Return red, green, blue and opacity of the pixel around a point."""
    shapes: list[tuple[float, Colour]] = [
        (box(x - 236, y - 256, 116, 156, 18), PAPER),
        *((stroke(x, y, (168, row, end, row), 20), LINE)
          for row, end in ((170, 304), (222, 276), (274, 304))),
        (math.hypot(x - 328, y - 352) - 92, NIGHT),
        (math.hypot(x - 328, y - 352) - 78, PROVEN),
        (stroke(x, y, (292, 354, 318, 382), 22), PAPER),
        (stroke(x, y, (318, 382, 366, 326), 22), PAPER),
    ]  # fmt: skip
    red, green, blue = map(float, NIGHT)
    for distance, colour in shapes:
        share = min(1.0, max(0.0, 0.5 - distance))
        red += share * (colour[0] - red)
        green += share * (colour[1] - green)
        blue += share * (colour[2] - blue)
    inside = min(1.0, max(0.0, 0.5 - box(x - 256, y - 256, 256, 256, 96)))
    return bytes(round(value) for value in (red, green, blue, 255 * inside))


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a PNG file of 8-bit RGBA rows, each behind its filter byte 0."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checked)

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def main() -> None:
    rows = b"".join(
        b"\0" + b"".join(pixel(x + 0.5, y + 0.5) for x in range(SIZE)) for y in range(SIZE)
    )
    FILE.write_bytes(png(SIZE, SIZE, rows))


if __name__ == "__main__":
    main()
