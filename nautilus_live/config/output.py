"""What the node writes for others to read: logs, streamed files, and the catalogs of recorded data.

Numbers behind the names are defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import (
    LogFormat,
    LogLevel,
    NonEmptyText,
    NonNegativeInt,
    PositiveInt,
    RotationMode,
    TimeZoneName,
    TypeOrName,
)
from nautilus_live.errors import Problem


class LoggingConfig(NautilusConfig, frozen=True, kw_only=True):
    """Logging. Levels are OFF, TRACE, DEBUG, INFO, WARNING and ERROR, in any case.

    Attributes:
        log_level ('INFO'): The lowest level that is printed.
        log_level_file (None): The lowest level that is written to the file; None writes no file.
        log_directory (None): Where the file goes; None is the current directory.
        log_file_name (None): The file's name without its ending; None makes one of trader, instance and time.
        log_file_format (None): `json` for one JSON object a line; None for plain text.
        log_file_max_size (None): Bytes after which the next file begins; None begins one each day.
        log_file_max_backup_count (5): Full files that are kept.
        log_colors (True): Whether what is printed is coloured.
        log_component_levels (None): Other levels for single components, by their names.
        log_components_only (False): Whether only the components in `log_component_levels` are logged.
        bypass_logging (False): Whether nothing is logged at all.
        print_config (False): Whether the node's configuration is printed at start, secrets hidden.
        use_pyo3 (False): A switch of the reference's own logger. Accepted for compatibility; has no effect.
        clear_log_file (False): Whether the file is emptied at start.
        use_tracing (False): A switch of the reference's own logger. Later addition (1.231). Accepted for
            compatibility; has no effect.
        fileout_sync_on_flush (True): Whether the file is on the disk, not only with the system, after each flush.
            Later addition (1.231).
        buffered_stdout (False): Whether what is printed may wait in a buffer. Later addition (1.231).

    """

    log_level: LogLevel = "INFO"
    log_level_file: LogLevel | None = None
    log_directory: NonEmptyText | None = None
    log_file_name: NonEmptyText | None = None
    log_file_format: LogFormat | None = None
    log_file_max_size: PositiveInt | None = None
    log_file_max_backup_count: NonNegativeInt = 5
    log_colors: bool = True
    log_component_levels: dict[str, LogLevel] | None = None
    log_components_only: bool = False
    bypass_logging: bool = False
    print_config: bool = False
    use_pyo3: bool = False
    clear_log_file: bool = False
    use_tracing: bool = False
    fileout_sync_on_flush: bool = True
    buffered_stdout: bool = False

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if self.log_components_only and not self.log_component_levels:
            yield Problem("log_components_only", "must go with log_component_levels, or nothing is logged", True)


class StreamingConfig(NautilusConfig, frozen=True, kw_only=True):
    """Files into which the node streams what passes over its bus. The whole class waits for that feature.

    Attributes:
        catalog_path (required): Where the files go. Accepted and validated; takes effect with the streaming.
        fs_protocol (None): The file system's name; None is the local one. Accepted and validated; takes effect with the
            streaming.
        fs_storage_options (None): Options of that file system. Accepted and validated; takes effect with the streaming.
        fs_rust_storage_options (None): A second set that the reference passes to its native reader. Accepted for
            compatibility; has no effect.
        flush_interval_ms (None): Milliseconds between flushes; None leaves them to the writer. Accepted and
            validated; takes effect with the streaming.
        replace_existing (False): Whether files of an earlier run are replaced. Accepted and validated; takes effect
            with the streaming.
        include_types (None): Types, or names of types, that are written; None writes all. Accepted and validated;
            takes effect with the streaming.
        rotation_mode (NO_ROTATION): When the next file begins: SIZE, INTERVAL, SCHEDULED_DATES or NO_ROTATION.
            Accepted and validated; takes effect with the streaming.
        max_file_size (1073741824): Bytes after which the next file begins, under SIZE. Accepted and validated; takes
            effect with the streaming.
        rotation_interval (None): Time after which the next file begins, under INTERVAL and SCHEDULED_DATES, which
            need it. Accepted and validated; takes effect with the streaming.
        rotation_time (00:00:00): Time of day at which it begins, under SCHEDULED_DATES. Accepted and validated; takes
            effect with the streaming.
        rotation_timezone ('UTC'): Time zone of that time of day. Accepted and validated; takes effect with the
            streaming.

    """

    catalog_path: NonEmptyText
    fs_protocol: NonEmptyText | None = None
    fs_storage_options: dict[str, Any] | None = None
    fs_rust_storage_options: dict[str, Any] | None = None
    flush_interval_ms: PositiveInt | None = None
    replace_existing: bool = False
    include_types: list[TypeOrName] | None = None
    rotation_mode: RotationMode = RotationMode.NO_ROTATION
    max_file_size: PositiveInt = 1024 * 1024 * 1024
    rotation_interval: timedelta | None = None
    rotation_time: time = time(0, 0)
    rotation_timezone: TimeZoneName = "UTC"

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if self.rotation_interval is None:
            if self.rotation_mode in (RotationMode.INTERVAL, RotationMode.SCHEDULED_DATES):
                rule = f"must be given where rotation_mode is {self.rotation_mode.name}"
                yield Problem("rotation_interval", rule, None)
        elif self.rotation_interval <= timedelta(0):
            yield Problem("rotation_interval", "must be longer than nothing", str(self.rotation_interval))


class DataCatalogConfig(NautilusConfig, frozen=True, kw_only=True):
    """A catalog of recorded data. The whole class waits for that feature.

    Attributes:
        path (required): Where the catalog is. Accepted and validated; takes effect with the catalogs.
        fs_protocol (None): The file system's name; None is the local one. Accepted and validated; takes effect with
            the catalogs.
        fs_storage_options (None): Options of that file system. Accepted and validated; takes effect with the catalogs.
        fs_rust_storage_options (None): A second set that the reference passes to its native reader. Accepted for
            compatibility; has no effect.
        name (None): What requests call the catalog; None numbers it. Accepted and validated; takes effect with the
            catalogs.

    """

    path: NonEmptyText
    fs_protocol: NonEmptyText | None = None
    fs_storage_options: dict[str, Any] | None = None
    fs_rust_storage_options: dict[str, Any] | None = None
    name: NonEmptyText | None = None
