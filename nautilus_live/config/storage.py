"""Where state is kept and messages are sent: the cache, its database, and the message bus.

Numbers behind the names are defaults. Databases are optional: without one, state is kept where the node keeps it by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import force_setattr

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import (
    Encoding,
    NonEmptyText,
    NonNegativeInt,
    Port,
    PositiveFloat,
    PositiveInt,
    TypeOrName,
)
from nautilus_live.errors import Problem
from nautilus_live.secrets import Secret

TIMEOUT_SECS_DEFAULT = 20.0


class DatabaseConfig(NautilusConfig, frozen=True, kw_only=True):
    """A database server, or a database file.

    Attributes:
        type ('redis'): What kind it is: `redis` (Valkey too), `postgres`, `sqlite` or `memory`; the reference knows
            the first alone. Accepted and validated; takes effect with the database stores.
        host (None): Name or address of the server; None is this computer. Accepted and validated; takes effect with the
            database stores.
        port (None): Port of the server, 1 to 65535; None is the usual one of its kind. Accepted and validated; takes
            effect with the database stores.
        username (None): Who logs on; None logs on as nobody. Accepted and validated; takes effect with the database
            stores.
        password (None): The password, or a reference `env:NAME` or `file:PATH`; never shown. Accepted and validated;
            takes effect with the database stores.
        ssl (False): Whether the connection is encrypted. Accepted and validated; takes effect with the database stores.
        timeout (20.0): Seconds to wait for the server, whole or not; sets the next two unless they are given. None
            leaves them at 20. The guide uses this name; later reference code ignores it in silence and has only the
            next two. Accepted and validated; takes effect with the database stores.
        connection_timeout (None): Seconds to wait for a connection; reads as `timeout` where not given, so 20 by
            default. Later addition (1.226). Accepted and validated; takes effect with the database stores.
        response_timeout (None): Seconds to wait for an answer; reads as `timeout` where not given, so 20 by default.
            Later addition (1.226). Accepted and validated; takes effect with the database stores.
        number_of_retries (100): Attempts to connect again before giving up. Later addition (1.231). Accepted and
            validated; takes effect with the database stores.
        exponent_base (2): By how much each pause between attempts grows over the one before. Later addition (1.231).
            Accepted and validated; takes effect with the database stores.
        max_delay (1000): The longest pause between attempts, in milliseconds. Later addition (1.231). Accepted and
            validated; takes effect with the database stores.
        factor (2): The first pause between attempts, in milliseconds. Later addition (1.231). Accepted and validated;
            takes effect with the database stores.
        path (None): The file of an `sqlite` database; None is the node's own place. Own addition. Accepted and
            validated; takes effect with the database stores.

    """

    type: Literal["redis", "postgres", "sqlite", "memory"] = "redis"
    host: NonEmptyText | None = None
    port: Port | None = None
    username: str | None = None
    password: Secret | None = None
    ssl: bool = False
    timeout: PositiveFloat | None = TIMEOUT_SECS_DEFAULT
    connection_timeout: PositiveFloat | None = None
    response_timeout: PositiveFloat | None = None
    number_of_retries: NonNegativeInt = 100
    exponent_base: PositiveInt = 2
    max_delay: NonNegativeInt = 1000
    factor: PositiveInt = 2
    path: NonEmptyText | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("connection_timeout", "response_timeout"):
            if getattr(self, name) is None:
                force_setattr(self, name, TIMEOUT_SECS_DEFAULT if self.timeout is None else self.timeout)

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if self.path is not None and self.type != "sqlite":
            yield Problem("path", f"must be left out unless type is 'sqlite' (it is {self.type!r})", self.path)
        if self.type in ("sqlite", "memory"):
            for name in ("host", "port", "username", "password"):
                if getattr(self, name) is not None:
                    yield Problem(name, f"must be left out where type is {self.type!r}: there is no server")


class CacheConfig(NautilusConfig, frozen=True, kw_only=True):
    """The cache: what the node remembers, in memory and in a database.

    Attributes:
        database (None): The database behind the cache; None keeps it without a server.
        encoding ('msgpack'): How values are written: `msgpack` or `json`.
        timestamps_as_iso8601 (False): Whether times are written as readable texts rather than integer nanoseconds.
        persist_account_events (True): Whether account states are written to the database.
        buffer_interval_ms (None): Milliseconds for which writes are gathered before they are sent, which is also what
            a crash can lose; None sends each at once.
        use_trader_prefix (True): Whether keys begin with `trader-`.
        use_instance_id (False): Whether keys contain the instance id, so that every run has a space of its own.
        flush_on_start (False): Whether this trader's keys are deleted before anything is loaded.
        drop_instruments_on_reset (True): Whether a reset forgets the instruments too.
        tick_capacity (10000): Quotes and trades kept for each instrument.
        bar_capacity (10000): Bars kept for each bar type.
        bulk_read_batch_size (None): Keys read at once while loading; None reads all at once. Later addition (1.223).
            Accepted and validated; takes effect with the database stores.

    """

    database: DatabaseConfig | None = None
    encoding: Encoding = "msgpack"
    timestamps_as_iso8601: bool = False
    persist_account_events: bool = True
    buffer_interval_ms: PositiveInt | None = None
    use_trader_prefix: bool = True
    use_instance_id: bool = False
    flush_on_start: bool = False
    drop_instruments_on_reset: bool = True
    tick_capacity: PositiveInt = 10_000
    bar_capacity: PositiveInt = 10_000
    bulk_read_batch_size: PositiveInt | None = None


class MessageBusConfig(NautilusConfig, frozen=True, kw_only=True):
    """The message bus, and the streams it feeds outside the node.

    Attributes:
        database (None): The server that takes the streams; None keeps messages inside. Accepted and validated; takes
            effect with the external streams.
        encoding ('msgpack'): How messages are written: `msgpack` or `json`. The reference changed to `json` later
            (1.231). Accepted and validated; takes effect with the external streams.
        timestamps_as_iso8601 (False): Whether times are written as readable texts rather than integer nanoseconds.
            Accepted and validated; takes effect with the external streams.
        buffer_interval_ms (None): Milliseconds for which messages are gathered before they are sent; None sends each
            at once. Accepted and validated; takes effect with the external streams.
        autotrim_mins (None): Minutes after which entries are cut from a stream; None or 0 cuts none. Accepted and
            validated; takes effect with the external streams.
        use_trader_prefix (True): Whether stream names begin with `trader-`. Accepted and validated; takes effect with
            the external streams.
        use_trader_id (True): Whether stream names contain the trader id. Accepted and validated; takes effect with
            the external streams.
        use_instance_id (False): Whether stream names contain the instance id. Accepted and validated; takes effect
            with the external streams.
        streams_prefix ('stream'): The first part of every stream name. Accepted and validated; takes effect with the
            external streams.
        stream_per_topic (True): Whether each topic has its own stream rather than all sharing one. Accepted and
            validated; takes effect with the external streams.
        external_streams (None): Names of streams of other nodes to listen to. Accepted and validated; takes effect
            with the external streams.
        types_filter (None): Types of messages that are kept out of the streams, as types or names (`QuoteTick` or
            `module:QuoteTick`). The list is copied: the one given is never changed, and can be used again. Accepted and
            validated; takes effect with the external streams.
        heartbeat_interval_secs (None): Seconds between signs of life on the stream; None sends none. Accepted and
            validated; takes effect with the external streams.

    """

    database: DatabaseConfig | None = None
    encoding: Encoding = "msgpack"
    timestamps_as_iso8601: bool = False
    buffer_interval_ms: PositiveInt | None = None
    autotrim_mins: NonNegativeInt | None = None
    use_trader_prefix: bool = True
    use_trader_id: bool = True
    use_instance_id: bool = False
    streams_prefix: NonEmptyText = "stream"
    stream_per_topic: bool = True
    external_streams: list[NonEmptyText] | None = None
    types_filter: list[TypeOrName] | None = None
    heartbeat_interval_secs: PositiveInt | None = None

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if self.database is not None and self.database.type != "redis":
            yield Problem("database.type", "must be 'redis': only it has streams", self.database.type)
