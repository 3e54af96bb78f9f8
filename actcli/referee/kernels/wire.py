"""How the command and the kernel's process talk: a message in JSON, then an array's bytes, each with its length."""

import json
import struct
from typing import IO, Any, TypeAlias

Message: TypeAlias = dict[str, Any]
"""What goes as JSON."""
_LENGTH = struct.Struct("<Q")


def send(out: IO[bytes], message: Message, data: bytes | memoryview = b"") -> None:
    """Write a message and the bytes that go with it."""
    for part in (json.dumps(message).encode(), data):
        out.write(_LENGTH.pack(memoryview(part).nbytes))
        out.write(part)
    out.flush()


def receive(source: IO[bytes]) -> tuple[Message, bytearray]:
    """Return the next message and its bytes; raise EOFError if there is none."""
    message = json.loads(_receive_part(source))
    return message, _receive_part(source)


def _receive_part(source: IO[bytes]) -> bytearray:
    (length,) = _LENGTH.unpack(receive_bytes(source, _LENGTH.size))
    return receive_bytes(source, length)


def receive_bytes(source: IO[bytes], length: int) -> bytearray:
    """Return so many bytes; raise EOFError if there are fewer."""
    data = bytearray(length)
    left = memoryview(data)
    while left:
        count = source.readinto(left)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        left = left[count:]
    return data
