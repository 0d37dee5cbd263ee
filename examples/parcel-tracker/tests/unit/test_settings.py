import pytest

from parcel_tracker.__main__ import main
from parcel_tracker.settings import Settings, SettingsError


def test_defaults_hold_in_an_empty_environment() -> None:
    assert Settings.from_environment({}) == Settings("sqlite:///parcels.db", 8000, 32)


def test_every_setting_can_be_changed() -> None:
    environment = {
        "PARCEL_DATABASE_URL": "sqlite:///other.db",
        "PARCEL_PORT": "9001",
        "PARCEL_LIVE_QUEUE": "4",
    }
    assert Settings.from_environment(environment) == Settings("sqlite:///other.db", 9001, 4)


@pytest.mark.parametrize("port", ["", "http", "0", "-1", "65536", "80.5"])
def test_a_bad_port_is_refused_by_name(port: str) -> None:
    with pytest.raises(SettingsError, match="PARCEL_PORT must be a whole number from 1 to 65535"):
        Settings.from_environment({"PARCEL_PORT": port})


def test_the_entry_point_reports_a_bad_setting_and_stops(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARCEL_LIVE_QUEUE", "none")
    assert main() == 2
    assert "PARCEL_LIVE_QUEUE" in capsys.readouterr().err
