"""Settings of the sandbox clients of a node.

May know: the kernel's configuration. Numbers behind the names are defaults.
"""

from __future__ import annotations

from nautilus_live.config import LiveDataClientConfig, LiveExecClientConfig


class SandboxExecClientConfig(LiveExecClientConfig, frozen=True, kw_only=True):
    """An execution client of a sandbox venue.

    Attributes:
        account_id (SANDBOX-001): The account to trade.
        request_timeout_secs (5.0): How long an answer may take.
        heartbeat_secs (15.0): How often the stream is asked for a sign of life; 0 for never.
        reconnect_secs (0.5): How long to wait before the stream is opened again; doubles up to 10 s.

    """

    account_id: str = "SANDBOX-001"
    request_timeout_secs: float = 5.0
    heartbeat_secs: float = 15.0
    reconnect_secs: float = 0.5


class SandboxDataClientConfig(LiveDataClientConfig, frozen=True, kw_only=True):
    """A data client of a sandbox venue.

    Attributes:
        request_timeout_secs (5.0): How long an answer may take.
        heartbeat_secs (15.0): How often the stream is asked for a sign of life; 0 for never.
        reconnect_secs (0.5): How long to wait before the stream is opened again; doubles up to 10 s.

    """

    request_timeout_secs: float = 5.0
    heartbeat_secs: float = 15.0
    reconnect_secs: float = 0.5
