"""Secrets are used, and never shown."""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path

import pytest

from nautilus_live.adapters.binance import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_live.config import CacheConfig, DatabaseConfig, NautilusConfig, TradingNodeConfig
from nautilus_live.errors import ConfigError
from nautilus_live.secrets import Secret

HUSH = "hunter2-very-private"


def node() -> TradingNodeConfig:
    settings = {"api_key": HUSH + "-key", "api_secret": HUSH + "-secret"}
    return TradingNodeConfig.parse(
        {
            "cache": {"database": {"password": HUSH}},
            "data_clients": {"BINANCE": BinanceDataClientConfig.parse(settings)},
            "exec_clients": {"BINANCE": BinanceExecClientConfig.parse(settings)},
        }
    )


def test_no_way_of_showing_a_configuration_shows_a_secret() -> None:
    """Neither representation, text, JSON nor table of a whole node contains any part of its secrets."""
    config = node()

    for shown in (repr(config), str(config), f"{config}", config.json().decode(), repr(config.dict())):
        assert HUSH not in shown
        assert "***" in shown


def test_secrets_work_all_the_same() -> None:
    """Whoever connects gets the text."""
    database = DatabaseConfig.parse({"password": HUSH})

    assert database.password == Secret(HUSH)
    assert database.password is not None
    assert database.password.reveal() == HUSH


@pytest.mark.parametrize("form", ["{}", "{:>3}", "{!s}", "{!r}", "{0!s:s}"])
def test_formatting(form: str) -> None:
    """No way of formatting reveals it."""
    assert form.format(Secret(HUSH)) == "***"


def test_id_is_the_same_whatever_the_secret() -> None:
    """The token of a configuration is printed and stored, so a secret has no part in it; equality still sees it."""
    first, second = DatabaseConfig.parse({"password": "one"}), DatabaseConfig.parse({"password": "two"})

    assert first.id == second.id
    assert first != second


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (DatabaseConfig, {"password": 123456789}),
        (DatabaseConfig, {"password": [HUSH]}),
        (DatabaseConfig, {"pasword": HUSH}),
        (DatabaseConfig, {"port": 0, "password": HUSH}),
        (CacheConfig, {"database": f"redis://user:{HUSH}@host"}),
        (CacheConfig, {"database": [{"password": HUSH}]}),
        (TradingNodeConfig, {"data_clients": [{"api_secret": HUSH}]}),
        (TradingNodeConfig, {"data_clients": {"BINANCE": {"api_secret": HUSH}}}),
        (BinanceDataClientConfig, {"api_secret": HUSH}),
        (BinanceDataClientConfig, {"base_url_http": f"https://user:{HUSH}@host"}),
        (BinanceDataClientConfig, {"base_url_ws": [HUSH]}),
        (BinanceDataClientConfig, {"base_url_http": "https//", "api_key": HUSH, "api_secret": HUSH}),
    ],
)
def test_no_error_shows_a_secret(kind: type[NautilusConfig], settings: dict[str, object]) -> None:
    """Neither the message, the representation nor the traceback of a refusal contains what may be a secret."""
    with pytest.raises(ConfigError) as raised:
        kind.parse(settings)

    printed = "".join(traceback.format_exception(raised.value))
    for shown in (str(raised.value), repr(raised.value), printed):
        assert HUSH not in shown
        assert "123456789" not in shown


def test_environment_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """`env:NAME` is resolved when revealed, not when read, and survives being written out."""
    config = DatabaseConfig.parse({"password": "env:NAUTILUS_TEST_PASSWORD"})
    monkeypatch.setenv("NAUTILUS_TEST_PASSWORD", HUSH)

    assert config.password is not None
    assert config.password.reveal() == HUSH
    assert repr(config.password) == "***"
    assert DatabaseConfig.parse(config.json()) == config
    assert HUSH not in config.json().decode()


def test_environment_reference_without_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is not set is the operator's fault and is named."""
    monkeypatch.delenv("NAUTILUS_TEST_PASSWORD", raising=False)

    with pytest.raises(ConfigError, match="env:NAUTILUS_TEST_PASSWORD: the environment variable must be set, was not"):
        Secret("env:NAUTILUS_TEST_PASSWORD").reveal()


def test_file_reference(tmp_path: Path) -> None:
    """`file:PATH` gives the file's content without the line ends that editors leave."""
    file = tmp_path / "password"
    file.write_text(HUSH + "\r\n", encoding="utf-8")

    assert Secret(f"file:{file}").reveal() == HUSH


def test_file_reference_without_file(tmp_path: Path) -> None:
    """A file that cannot be read is named, with the kind of failure."""
    with pytest.raises(ConfigError, match="the file must be readable, was FileNotFoundError"):
        Secret(f"file:{tmp_path / 'nothing'}").reveal()


def test_undecodable_file_does_not_print_its_bytes(tmp_path: Path) -> None:
    """A decoding error carries the bytes, so it is not chained."""
    file = tmp_path / "password"
    file.write_bytes(HUSH.encode() + b"\xff\xfe")

    with pytest.raises(ConfigError) as raised:
        Secret(f"file:{file}").reveal()

    assert HUSH not in "".join(traceback.format_exception(raised.value))


def test_placeholder_is_no_secret() -> None:
    """A configuration written out cannot be used with `***` as its password by mistake."""
    config = DatabaseConfig.parse({"password": HUSH})

    with pytest.raises(ConfigError, match=r"password: must be the secret itself .*, was '\*\*\*'"):
        DatabaseConfig.parse(config.json())


@pytest.mark.parametrize("text", ["env:", "file:"])
def test_empty_reference(text: str) -> None:
    """A reference to nothing is refused when read, not when needed."""
    with pytest.raises(ConfigError, match="password: must be"):
        DatabaseConfig.parse({"password": text})


def test_copies_keep_the_secret() -> None:
    """Copying and pickling (for worker processes) keep what is needed to connect."""
    config = DatabaseConfig.parse({"password": HUSH})

    for twin in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert twin == config
        assert isinstance(twin.password, Secret)
        assert twin.password.reveal() == HUSH


def test_secret_values() -> None:
    """Secrets compare by what they hold, hash alike, and equal no text."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"
    assert not hasattr(Secret("a"), "__dict__")
    with pytest.raises(ValueError, match="a secret must be a text, was of type int"):
        Secret(5)  # type: ignore[arg-type]  # what is refused here
