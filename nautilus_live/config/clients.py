"""What data and execution clients have in common. Each adapter adds its own. Numbers behind the names are defaults."""

from __future__ import annotations

from typing import Any

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import ImportPath, NonEmptyText
from nautilus_live.model.identifiers import InstrumentId


class InstrumentProviderConfig(NautilusConfig, frozen=True, kw_only=True):
    """Which instruments a client loads when it connects.

    Attributes:
        load_all (False): Whether all of the venue's are loaded; `load_ids` then adds nothing.
        load_ids (None): The instruments to load.
        filters (None): The venue's own filters, passed on as they are.
        filter_callable (None): A function `module:function` that takes an instrument and says whether to keep it.
        log_warnings (True): Whether an instrument that could not be read is logged.
        use_gamma_markets (False): A switch of one venue that is not here. Later addition (1.231). Accepted for
            compatibility; has no effect.

    """

    load_all: bool = False
    load_ids: frozenset[InstrumentId] | None = None
    filters: dict[str, Any] | None = None
    filter_callable: ImportPath | None = None
    log_warnings: bool = True
    use_gamma_markets: bool = False


class RoutingConfig(NautilusConfig, frozen=True, kw_only=True):
    """Which venues a client serves beside the one it is named after.

    Attributes:
        default (False): Whether the client takes everything that no other client serves.
        venues (None): The venues it serves. None at all (an empty set): only commands that name the client reach it,
            as for a second account at one venue.

    """

    default: bool = False
    venues: frozenset[NonEmptyText] | None = None


class LiveDataClientConfig(NautilusConfig, frozen=True, kw_only=True):
    """A data client of a live node; adapters subclass it.

    Attributes:
        handle_revised_bars (False): Whether a bar is published again each time the venue changes it.
        instrument_provider (InstrumentProviderConfig()): Which instruments are loaded.
        routing (RoutingConfig()): Which venues the client serves.

    """

    handle_revised_bars: bool = False
    instrument_provider: InstrumentProviderConfig = InstrumentProviderConfig()
    routing: RoutingConfig = RoutingConfig()


class LiveExecClientConfig(NautilusConfig, frozen=True, kw_only=True):
    """An execution client of a live node; adapters subclass it.

    Attributes:
        instrument_provider (InstrumentProviderConfig()): Which instruments are loaded.
        routing (RoutingConfig()): Which venues the client serves.

    """

    instrument_provider: InstrumentProviderConfig = InstrumentProviderConfig()
    routing: RoutingConfig = RoutingConfig()
