"""Reading and writing parcels and scans. Every method is one transaction."""

from datetime import UTC, datetime

from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import sessionmaker

from parcel_tracker.models import Base, ParcelRow, ScanRow
from parcel_tracker.schema import NewParcel, NewScan, Parcel, Scan, Status


class UnknownParcelError(Exception):
    """No parcel has this code."""


class ParcelExistsError(Exception):
    """Another parcel already has this code."""


class ParcelDeliveredError(Exception):
    """The parcel is delivered and takes no further scan."""


class Storage:
    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    def create_tables(self) -> None:
        Base.metadata.create_all(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def ping(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM parcels LIMIT 1"))

    def add_parcel(self, new: NewParcel) -> Parcel:
        row = ParcelRow(
            code=new.code,
            recipient=new.recipient,
            status=Status.REGISTERED.value,
            created_at=datetime.now(UTC),
        )
        try:
            with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError as error:
            raise ParcelExistsError(new.code) from error
        return Parcel.model_validate(row)

    def get_parcel(self, code: str) -> Parcel:
        # One statement, so that the status and the last scan belong together.
        newest = select(func.max(ScanRow.id)).where(ScanRow.parcel_code == code).scalar_subquery()
        query = (
            select(ParcelRow, ScanRow)
            .outerjoin(ScanRow, ScanRow.id == newest)
            .where(ParcelRow.code == code)
        )
        with self._sessions() as session:
            found = session.execute(query).first()
        if found is None:
            raise UnknownParcelError(code)
        parcel, scan = found
        last_scan = None if scan is None else Scan.model_validate(scan)
        return Parcel.model_validate(parcel).model_copy(update={"last_scan": last_scan})

    def add_scan(self, code: str, new: NewScan) -> Scan:
        # The condition is in the UPDATE: of two scans at the same moment, the one that
        # comes after "delivered" finds no row to change.
        move = (
            update(ParcelRow)
            .where(ParcelRow.code == code, ParcelRow.status != Status.DELIVERED.value)
            .values(status=new.status.value)
            .returning(ParcelRow.code)
        )
        with self._sessions.begin() as session:
            if session.scalar(move) is None:
                if session.get(ParcelRow, code) is None:
                    raise UnknownParcelError(code)
                raise ParcelDeliveredError(code)
            row = ScanRow(
                parcel_code=code,
                place=new.place,
                status=new.status.value,
                scanned_at=datetime.now(UTC),
            )
            session.add(row)
        return Scan.model_validate(row)

    def list_scans(self, code: str) -> list[Scan]:
        query = select(ScanRow).where(ScanRow.parcel_code == code).order_by(ScanRow.id)
        with self._sessions() as session:
            if session.get(ParcelRow, code) is None:
                raise UnknownParcelError(code)
            return [Scan.model_validate(row) for row in session.scalars(query)]
