"""`python -m nautilus_live`: the same as the console script `nautilus-live`."""

from nautilus_live.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
