"""Where state is kept: the port, the in-memory store, and how state is written down."""
