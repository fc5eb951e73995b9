"""The rows of a recording: a file in CSV or Parquet, read one row (Parquet: one small batch) at a time.

May know: files, and pyarrow where it is installed. Promises: every row comes with its place, as people count it (a line
of a text file, a row of a table); what cannot be read is named with the file and that place. What the cells mean is in
`replay.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
BATCH_ROWS = 1_024
PARQUET = (".parquet", ".pq")


class Moment(int):
    """A time that the file holds as such: nanoseconds since 1970, whatever its numbers count."""


def read_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield each row of a recording after its place; first, under an empty place, its columns.

    Raises:
        ValueError: if the file or a row of it cannot be read.
        ImportError: if it is Parquet and pyarrow is missing.

    """
    return _parquet_rows(path) if path.suffix in PARQUET else _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    line = 1
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # as spreadsheets write it, or without the mark
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            _check_names(path, names)
            yield "", dict.fromkeys(names)
            for cells in reader:
                line = reader.line_num
                if not cells:
                    continue
                if len(cells) != len(names):
                    raise _BadRow(f"must have {len(names)} cells like the header, was {len(cells)}: {cells}")
                yield f"line {line}", dict(zip(names, cells, strict=True))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: must be text in UTF-8, was not after line {line}: {error}") from error
    except (csv.Error, _BadRow) as error:
        raise ValueError(f"{path}: line {line}: {error}") from error


class _BadRow(Exception):
    """A row that has not the cells that the header announces."""


def _check_names(path: Path, names: list[str]) -> None:
    twice = [name for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise ValueError(f"{path}: every column must be there once, was {', '.join(twice)} again")


def _parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ImportError(f"{path}: Parquet needs pyarrow: pip install 'nautilus-live[parquet]', was missing") from None
    try:
        recording = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error
    names = recording.schema_arrow.names
    _check_names(path, names)
    yield "", dict.fromkeys(names)
    number = 0
    try:
        for batch in recording.iter_batches(batch_size=BATCH_ROWS):
            for row in _in_nanoseconds(batch, pa).to_pylist():
                number += 1
                if isinstance(row.get("ts"), int) and pa.types.is_timestamp(batch.schema.field("ts").type):
                    row["ts"] = Moment(row["ts"])
                yield f"row {number}", row
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read after row {number}: {error}") from error


def _in_nanoseconds(batch: Any, pa: Any) -> Any:
    """Return a batch whose times are whole numbers: Python's own have no nanoseconds."""
    if "ts" not in batch.schema.names or not pa.types.is_timestamp(batch.schema.field("ts").type):
        return batch
    place = batch.schema.get_field_index("ts")
    numbers = batch.column(place).cast(pa.timestamp("ns", batch.column(place).type.tz)).cast(pa.int64())
    return batch.set_column(place, "ts", numbers)
