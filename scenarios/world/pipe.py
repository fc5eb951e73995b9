"""One connection in memory: two transports and the bytes under way between them.

May know: asyncio's transport contract, the loop, hosts. Which faults exist, and on which path, is `network.py`'s.

Each end keeps what is under way *to* it, in order, so bytes stay in order even when the loop shuffles equal deadlines.
Callbacks of an end run in its own context, so they are dropped or held with its host. Data for an end that has closed
is answered with a reset, as in TCP.
"""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context
from typing import Any, Literal

from scenarios.world.host import CURRENT_HOST
from scenarios.world.loop import SimulatedLoop
from scenarios.world.pieces import Mark, Piece, Side

# What the kernels on both sides would hold before `write` has to buffer anything.
SOCKET_BUFFER_BYTES = 192 * 1024
WRITE_BUFFER_BYTES_HIGH = 64 * 1024


class PipeTransport(asyncio.Transport):
    """One end of a connection, as asyncio hands it to a protocol."""

    def __init__(self, connection: Connection, side: Side, context: Context, extra: dict[str, Any]) -> None:
        super().__init__(extra)
        self.connection = connection
        self.side = side
        self.context = context
        self.deaf = False  # half-open: nothing reaches this end any more
        self.held = False  # partitioned: nothing reaches this end for now
        self.read_bytes_per_s = 0.0  # how fast this end takes bytes in; 0 is at once
        self.break_after_bytes: int | None = None  # the connection breaks after so many more bytes to this end
        self.broken = False  # it did: nothing more is sent to this end
        self.lost = False
        self.on_open: Callable[[BaseException | None], None] | None = None
        self.peer: PipeTransport
        self._loop = connection.loop
        self._protocol: asyncio.BaseProtocol | None = None
        self._under_way: deque[Piece] = deque()
        self._inbox: deque[Piece] = deque()  # arrived while reading was paused
        self._timer: asyncio.TimerHandle | None = None  # for the oldest piece under way
        self._sent_last_s = -1.0
        self._arrival_last_s = 0.0
        self._unread_bytes = 0  # written by this end, not yet read by the peer
        self._closing = False
        self._eof_written = False
        self._reading_paused = False
        self._writing_paused = False
        self._high_bytes, self._low_bytes = WRITE_BUFFER_BYTES_HIGH, WRITE_BUFFER_BYTES_HIGH // 4
        self._host = context.get(CURRENT_HOST)

    def __repr__(self) -> str:
        state = "lost" if self.lost else "closing" if self._closing else "open"
        return f"<PipeTransport {self.connection.path}#{self.connection.number} {self.side.value} {state}>"

    def establish(self, protocol_factory: Callable[[], asyncio.BaseProtocol]) -> asyncio.BaseProtocol | None:
        """Make the protocol and give it this transport, unless the connection broke first."""
        if self.lost:
            return None
        self._protocol = protocol_factory()
        if isinstance(self._protocol, asyncio.BufferedProtocol):
            raise TypeError(f"{self!r}: carries plain protocols only, was {type(self._protocol).__name__}")
        self._protocol.connection_made(self)
        return self._protocol

    # -- sending

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"{self!r}: data must be bytes-like, was {type(data).__name__}")
        if self._eof_written:
            raise RuntimeError(f"{self!r}: cannot write after write_eof")
        if not data or self._closing:
            return
        chunk = bytes(data)
        self._unread_bytes += len(chunk)
        self.peer.send_here(Piece([chunk], None))
        if not self._writing_paused and self.get_write_buffer_size() > self._high_bytes:
            self._writing_paused = True
            self._guarded("pause_writing")

    def write_eof(self) -> None:
        if not self._eof_written and not self._closing:
            self._eof_written = True
            self.peer.send_here(Piece([], Mark.FIN))

    def can_write_eof(self) -> bool:
        return True

    def send_here(self, piece: Piece) -> None:
        """Put a piece under way to this end."""
        if self.deaf or self.broken:
            return
        if self.break_after_bytes is not None and piece.mark is None:
            self._send_broken(piece, self.break_after_bytes)
            return
        if self.held:
            self._under_way.append(piece)
            return
        now_s = self._loop.time()
        if now_s != self._sent_last_s:
            # One draw for all that is sent at one moment: into how many writes a library splits a message differs
            # between its versions, and must not change when other messages arrive.
            self._sent_last_s = now_s
            self._arrival_last_s = max(now_s + self.connection.delay_s(), self._arrival_last_s)
        if self.read_bytes_per_s:
            self._arrival_last_s += sum(map(len, piece.chunks)) / self.read_bytes_per_s
        last = self._under_way[-1] if self._under_way else None
        if last is not None and last.mark is piece.mark is None and last.arrival_s == self._arrival_last_s:
            last.chunks.extend(piece.chunks)  # what arrives together is read together
        else:
            piece.arrival_s = self._arrival_last_s
            self._under_way.append(piece)
            self._expect()

    def _send_broken(self, piece: Piece, left_bytes: int) -> None:
        """Send what may still pass of a piece; where it is cut short, both ends then see the connection break."""
        data = b"".join(piece.chunks)
        self.break_after_bytes = None
        if len(data) <= left_bytes:
            self.send_here(piece)
            self.break_after_bytes = left_bytes - len(data)
            return
        if left_bytes:
            self.send_here(Piece([data[:left_bytes]], None))
        self.send_here(Piece([], Mark.RESET))
        self.broken = True
        self.peer.drop_under_way()
        self.peer.send_here(Piece([], Mark.RESET))

    def _expect(self) -> None:
        # One timer, for the oldest piece: the next comes a cycle later even if it is due at the same time, so that a
        # task woken by bytes runs before the connection is lost, as it does when a real loop reads a real socket.
        if self._timer is None and self._under_way:
            self._timer = self._loop.call_at(self._under_way[0].arrival_s, self._arrive, context=self.context)

    def hold(self) -> None:
        """Stop what is under way to this end where it is."""
        self.held = True
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def release(self) -> None:
        """Let what was held arrive one latency from now."""
        self.held = False
        self._arrival_last_s = self._loop.time() + self.connection.delay_s()
        for piece in self._under_way:
            piece.arrival_s = self._arrival_last_s
        self._expect()

    def drop_under_way(self) -> None:
        """Lose what is under way to this end."""
        self._stop_timer()
        self._under_way.clear()

    # -- receiving

    def _arrive(self) -> None:
        self._timer = None
        piece = self._under_way.popleft()
        if self.deaf:
            self._under_way.clear()
        elif self._closing:
            if piece.mark is None and not self.peer.lost:
                self.peer.send_here(Piece([], Mark.RESET))
        elif piece.mark is Mark.RESET:
            self.lose(ConnectionResetError(errno.ECONNRESET, f"{self.connection.path}: connection reset by peer"))
        elif self._reading_paused or self._inbox:
            self._inbox.append(piece)
        else:
            self._take(piece)
        if not self.held:
            self._expect()

    def _take(self, piece: Piece) -> None:
        if piece.mark is None:
            data = piece.chunks[0] if len(piece.chunks) == 1 else b"".join(piece.chunks)
            self.peer.note_read(len(data))
            self._guarded("data_received", data)
        elif piece.mark is Mark.FIN:
            keep_open = self._guarded("eof_received")
            if not keep_open:
                self.close()
        elif self.on_open is not None:
            self.on_open(None)

    def _drain_inbox(self) -> None:
        if not self._inbox or self._reading_paused or self._closing:
            return
        piece = self._inbox.popleft()
        while piece.mark is None and self._inbox and self._inbox[0].mark is None:
            piece.chunks.extend(self._inbox.popleft().chunks)
        self._take(piece)
        if self._inbox:
            self._loop.call_soon(self._drain_inbox, context=self.context)

    def note_read(self, count_bytes: int) -> None:
        """The peer has read that much of what this end wrote."""
        self._unread_bytes -= count_bytes
        if self._writing_paused and self.get_write_buffer_size() <= self._low_bytes:
            self._writing_paused = False
            self._loop.call_soon(self._guarded, "resume_writing", context=self.context)

    def _guarded(self, method: str, *args: Any) -> Any:
        # As asyncio's own transports: what a protocol raises ends the connection and goes to the exception handler.
        if self.lost or self._protocol is None:
            return None
        try:
            return getattr(self._protocol, method)(*args)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            message = f"Fatal error: protocol.{method}() call failed."
            self._loop.call_exception_handler(
                {"message": message, "exception": error, "transport": self, "protocol": self._protocol}
            )
            self._end(error)
            return None

    # -- the end

    def close(self) -> None:
        """Send FIN after what was written; the protocol is told soon."""
        if self._closing:
            return
        self._closing = True
        if not self._eof_written:
            self.peer.send_here(Piece([], Mark.FIN))
        self._loop.call_soon(self.lose, None, context=self.context)

    def abort(self) -> None:
        """Lose what is under way to the peer and reset the connection."""
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if self.lost:
            return
        self._closing = True
        self.peer.drop_under_way()
        self.peer.send_here(Piece([], Mark.RESET))
        self._loop.call_soon(self.lose, error, context=self.context)

    def lose(self, error: BaseException | None) -> None:
        """The connection is gone for this end: tell the protocol, once."""
        if self.lost:
            return
        protocol = self._protocol
        self._forget()
        if protocol is not None:
            protocol.connection_lost(error if isinstance(error, Exception) else None)
        elif self.on_open is not None:
            self.on_open(error or ConnectionAbortedError(errno.ECONNABORTED, f"{self.connection.path}: aborted"))

    def cut(self) -> None:
        """The host of this end dies: this end hears nothing more, what it wrote arrives, then the peer sees a reset."""
        if self.lost:
            return
        self._forget()
        if not self.peer.lost:
            self.peer.send_here(Piece([], Mark.RESET))

    def end(self) -> None:
        """This end is gone and nobody is told."""
        if not self.lost:
            self._forget()

    def _forget(self) -> None:
        self.lost = self._closing = True
        self._inbox.clear()
        self._protocol = None
        if self._host is not None:
            self._host.remove_port(self.cut)
        if self.peer.lost:
            self.connection.finish()

    # -- the rest of the contract

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._reading_paused and not self._closing

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self._loop.call_soon(self._drain_inbox, context=self.context)

    def get_protocol(self) -> asyncio.BaseProtocol:
        if self._protocol is None:
            raise RuntimeError(f"{self!r}: has no protocol")
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_write_buffer_size(self) -> int:
        return max(0, self._unread_bytes - SOCKET_BUFFER_BYTES)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low_bytes, self._high_bytes

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if high is None:
            high = WRITE_BUFFER_BYTES_HIGH if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"{self!r}: limits must be high >= low >= 0, was high {high} and low {low}")
        self._high_bytes, self._low_bytes = high, low

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))


class Connection:
    """Two ends, and what happens to both at once."""

    def __init__(
        self,
        loop: SimulatedLoop,
        number: int,
        path: str,
        delay_s: Callable[[], float],
        client_context: Context,
        server_context: Context,
    ) -> None:
        self.loop = loop
        self.number = number
        self.path = path
        self.delay_s = delay_s
        self.on_closed: Callable[[], object] | None = None
        near = f"{path}#{number}"
        # No "socket": aiohttp then leaves TCP options alone. Names are strings, as for UNIX sockets.
        self.client = PipeTransport(self, Side.CLIENT, client_context.copy(), {"peername": path, "sockname": near})
        self.server = PipeTransport(self, Side.SERVER, server_context.copy(), {"peername": near, "sockname": path})
        self.client.peer, self.server.peer = self.server, self.client
        for end in (self.client, self.server):
            host = end.context.get(CURRENT_HOST)
            if host is not None:
                host.add_port(end.cut)

    def reset(self) -> None:
        """Both ends lose the connection at once, and what is under way is lost."""
        for end in (self.client, self.server):
            end.drop_under_way()
            error = ConnectionResetError(errno.ECONNRESET, f"{self.path}: connection reset by the network")
            self.loop.call_soon(end.lose, error, context=end.context)

    def ends(self, toward: Literal["client", "server", "both"]) -> list[PipeTransport]:
        """Return the ends that something sent `toward` would reach."""
        return [end for end in (self.client, self.server) if toward in ("both", end.side.value)]

    def hold(self, toward: Literal["client", "server", "both"] = "both") -> None:
        """Stop everything under way to these ends, and everything sent from now on, until `release`."""
        for end in self.ends(toward):
            end.hold()

    def release(self) -> None:
        """Let everything go on."""
        for end in (self.client, self.server):
            if end.held:
                end.release()

    def end(self) -> None:
        """Both ends are gone and nobody is told."""
        self.client.end()
        self.server.end()

    def finish(self) -> None:
        """Both ends are gone: nothing is under way any more."""
        self.client.drop_under_way()
        self.server.drop_under_way()
        if self.on_closed is not None:
            self.on_closed()
