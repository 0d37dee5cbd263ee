"""Meters and readings in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meters import messages
from meters.tables import Meter, Reading


class UnknownMeterError(Exception):
    """No meter has this code."""


class TakenError(Exception):
    """A meter has this code already."""


def connect(url: str) -> Engine:
    """Return an engine; on SQLite each of its connections holds to foreign keys."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hold_to_foreign_keys)
    return engine


def _hold_to_foreign_keys(connection: Any, _: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def add_meter(engine: Engine, new: messages.NewMeter) -> messages.Meter:
    try:
        with Session(engine) as session, session.begin():
            session.add(Meter(**new.model_dump()))
    except IntegrityError:
        raise TakenError(new.code) from None
    return messages.Meter(**new.model_dump())


def meter(engine: Engine, code: str) -> messages.Meter:
    with Session(engine) as session:
        found = _known(session, code)
        return messages.Meter(code=found.code, place=found.place)


def add_reading(engine: Engine, code: str, new: messages.NewReading) -> messages.Reading:
    with Session(engine) as session, session.begin():
        _known(session, code)
        reading = Reading(meter_code=code, litres=new.litres, read_at=datetime.now(UTC))
        session.add(reading)
        session.flush()
        return messages.Reading.model_validate(reading)


def readings(engine: Engine, code: str, limit: int) -> messages.Readings:
    newest = select(Reading).where(Reading.meter_code == code).order_by(Reading.id.desc())
    with Session(engine) as session:
        _known(session, code)
        found = session.scalars(newest.limit(limit))
        return messages.Readings(items=[messages.Reading.model_validate(each) for each in found])


def usage(engine: Engine, code: str) -> messages.Usage:
    total = select(func.count(), func.sum(Reading.litres)).where(Reading.meter_code == code)
    with Session(engine) as session:
        _known(session, code)
        count, litres = session.execute(total).one()
        return messages.Usage(code=code, readings=count, litres=litres or 0)


def _known(session: Session, code: str) -> Meter:
    found = session.get(Meter, code)
    if found is None:
        raise UnknownMeterError(code)
    return found
