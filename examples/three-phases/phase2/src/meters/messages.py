"""What the service takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{2,20}$"), Field(examples=["M-1"])]


class NewMeter(BaseModel):
    code: Code
    place: str = Field(
        min_length=1, max_length=80, pattern=r"^[\w .,-]+$", examples=["Mill Lane 3"]
    )
    tariff: Literal["standard", "social"] = Field("standard", description="which rate it pays")


class Meter(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: Code
    place: str = Field(examples=["Mill Lane 3"])
    tariff: str = Field(examples=["standard"])


class NewReading(BaseModel):
    litres: int = Field(ge=0, le=1_000_000, description="since the last reading", examples=[120])


class Reading(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="grows with each reading", examples=[1])
    litres: int = Field(examples=[120])
    read_at: datetime = Field(examples=["2026-11-23T08:00:00Z"])


class Readings(BaseModel):
    items: list[Reading] = Field(description="the newest first")


class Usage(BaseModel):
    code: Code
    readings: int = Field(description="how many there are", examples=[1])
    litres: int = Field(description="what they add up to", examples=[120])


class Cost(BaseModel):
    code: Code
    litres: int = Field(examples=[1200])
    cents: int = Field(description="rounded down", examples=[258])


class Problem(BaseModel):
    detail: str = Field(examples=["no meter M-1"])


class Health(BaseModel):
    status: str = Field(examples=["ok"])
