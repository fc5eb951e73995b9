"""Which settings wait for their feature, and which have none here, in a form that a test and `node check` can read.

Keys are `Class.setting`, with the class that declares the setting. The docstring there says the same in words.
Whoever builds a feature deletes its lines here and there.
"""

from __future__ import annotations

from typing import Final

_WAITING: Final[dict[str, dict[str, str]]] = {
    "the database stores": {
        "CacheConfig": "bulk_read_batch_size",
        "DatabaseConfig": """
            type host port username password ssl timeout connection_timeout response_timeout number_of_retries
            exponent_base max_delay factor path
        """,
    },
    "the external streams": {
        "ExecEngineConfig": "external_clients",
        "MessageBusConfig": """
            database encoding timestamps_as_iso8601 buffer_interval_ms autotrim_mins use_trader_prefix use_trader_id
            use_instance_id streams_prefix stream_per_topic external_streams types_filter heartbeat_interval_secs
        """,
    },
    "the streaming": {
        "NautilusKernelConfig": "streaming",
        "StreamingConfig": """
            catalog_path fs_protocol fs_storage_options flush_interval_ms replace_existing include_types rotation_mode
            max_file_size rotation_interval rotation_time rotation_timezone
        """,
    },
    "the catalogs": {
        "NautilusKernelConfig": "catalogs",
        "DataCatalogConfig": "path fs_protocol fs_storage_options name",
    },
}

NOT_YET: Final[dict[str, str]] = {
    f"{owner}.{setting}": f"accepted and validated; takes effect with {feature}"
    for feature, owners in _WAITING.items()
    for owner, settings in owners.items()
    for setting in settings.split()
}
"""From `Class.setting` to what it waits for."""

NO_EFFECT: Final[dict[str, str]] = dict.fromkeys(
    (
        "DataCatalogConfig.fs_rust_storage_options",
        "InstrumentProviderConfig.use_gamma_markets",
        "LoggingConfig.use_pyo3",
        "LoggingConfig.use_tracing",
        "StreamingConfig.fs_rust_storage_options",
    ),
    "accepted for compatibility; has no effect",
)
"""From `Class.setting` to why it exists all the same."""
