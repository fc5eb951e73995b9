"""The ways out of the simulation that a loop offers, each with what to use instead. Every one raises `Escape`."""

from __future__ import annotations

_MEMORY_NETWORK = "create_unix_connection or create_unix_server, in memory (aiohttp: UnixConnector, UnixSite)"
ESCAPE_ROUTES: dict[str, str] = {
    "run_in_executor": "a plain call: work that needs a thread is behind a port, and the simulation has its own",
    "set_default_executor": "no executor: there are no threads in the simulation",
    "getaddrinfo": _MEMORY_NETWORK,
    "getnameinfo": _MEMORY_NETWORK,
    "create_connection": _MEMORY_NETWORK,
    "create_server": _MEMORY_NETWORK,
    "create_datagram_endpoint": _MEMORY_NETWORK,
    "connect_accepted_socket": _MEMORY_NETWORK,
    "start_tls": "a plain connection: TLS is not simulated",
    "add_reader": _MEMORY_NETWORK,
    "remove_reader": _MEMORY_NETWORK,
    "add_writer": _MEMORY_NETWORK,
    "remove_writer": _MEMORY_NETWORK,
    "sock_recv": _MEMORY_NETWORK,
    "sock_recv_into": _MEMORY_NETWORK,
    "sock_recvfrom": _MEMORY_NETWORK,
    "sock_recvfrom_into": _MEMORY_NETWORK,
    "sock_sendall": _MEMORY_NETWORK,
    "sock_sendto": _MEMORY_NETWORK,
    "sock_sendfile": _MEMORY_NETWORK,
    "sock_connect": _MEMORY_NETWORK,
    "sock_accept": _MEMORY_NETWORK,
    "sendfile": "transport.write",
    "connect_read_pipe": _MEMORY_NETWORK,
    "connect_write_pipe": _MEMORY_NETWORK,
    "subprocess_exec": "a task on a Host: there are no processes in the simulation",
    "subprocess_shell": "a task on a Host: there are no processes in the simulation",
}
