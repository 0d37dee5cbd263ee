"""What the service accepts and answers, as pydantic models."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

# Letters, digits and dashes only: such a code can be printed as a Code 39 bar code.
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{3,19}$")]
# One printable line: control characters would break a label or a log.
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class Status(StrEnum):
    REGISTERED = "registered"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


class NewParcel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code
    recipient: Line


class NewScan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    place: Line
    status: Status


class Scan(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    place: str
    status: Status
    scanned_at: datetime


class Parcel(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    recipient: str
    status: Status
    created_at: datetime
    last_scan: Scan | None = None


class ScanList(BaseModel):
    items: list[Scan]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class StateMessage(BaseModel):
    """The first message on a WebSocket: the parcel as it is now."""

    type: Literal["state"] = "state"
    parcel: Parcel


class ScanMessage(BaseModel):
    """Every later message on a WebSocket: one new scan."""

    type: Literal["scan"] = "scan"
    scan: Scan


class Problem(BaseModel):
    error: str
    detail: str


class FieldProblem(BaseModel):
    field: str
    message: str


class InvalidRequest(BaseModel):
    error: Literal["invalid_request"] = "invalid_request"
    detail: list[FieldProblem]
