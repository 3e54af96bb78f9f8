"""What data are that are not text, by their first bytes, and what to do with them."""

from collections.abc import Iterable, Iterator

from actcli.errors import ActcliError
from actcli.formats import refusals

_UNPACKED_BY = {
    b"BZh": ("bzip2 data", "bzip2 -dc"),
    b"\xfd7zXZ\0": ("xz data", "xz -dc"),
    b"\x04\x22\x4d\x18": ("LZ4 data", "lz4 -dc"),
    b"\x1f\x9d": ("compress data", "gzip -dc"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "7z x -so"),
}
_READ_AS = {
    b"\x93NUMPY": ("a NumPy array", "npy"),
    b"PAR1": ("a Parquet file", "parquet"),
    b"ARROW1": ("an Arrow file", "arrow"),
    b"\xff\xff\xff\xff": ("an Arrow stream", "arrow"),
}
_ENCODED_IN = {  # the longer ones first
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_EXPORTED = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF document",
}
_ZIP = b"PK\x03\x04"
_MARK = b"\xef\xbb\xbf"
_KNOWN = (_MARK, *_UNPACKED_BY, *_READ_AS, *_ENCODED_IN, *_EXPORTED, *refusals.MAGIC, _ZIP)


class Utf8Chunks:
    """Chunks of text in UTF-8 without the byte-order mark, which is remembered.

    Args:
        chunks: the data.
        name: how messages call them.

    Raises:
        ActcliError: when iterated over, if they begin as data do that are not text in UTF-8; it says what to do.

    """

    def __init__(self, chunks: Iterable[bytes], name: str) -> None:
        self._chunks, self._name = chunks, name
        self.has_byte_order_mark = False
        """Known once the first chunk has arrived."""

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._chunks)
        start = b""
        for data in chunks:
            start += data
            if not any(magic.startswith(start) for magic in _KNOWN):
                break
        if advice := _advice(start, self._name):
            raise ActcliError(f"{self._name} is {advice}")
        self.has_byte_order_mark = start.startswith(_MARK)
        if self.has_byte_order_mark:
            start = start[len(_MARK) :]
        if start:
            yield start
        yield from chunks


def not_utf8(name: str, row: int, byte: int) -> ActcliError:
    """Return the error for a row with a byte that UTF-8 does not allow there."""
    return ActcliError(
        f"{name}: row {row} is not valid UTF-8 (byte 0x{byte:02x}); convert the data first, "
        "as with iconv -f LATIN1 -t UTF-8"
    )


def _advice(start: bytes, name: str) -> str | None:
    """Return what data that begin so are, and what to do; None for text."""
    for magic, (kind, tool) in _UNPACKED_BY.items():
        if start.startswith(magic):
            return f"{kind}, which cannot be read directly; decompress it: {_pipe_through(tool, name)}"
    if found := _find_readable(start):
        return "{}, not text; try --from {}".format(*found)
    encoding = next((kind for magic, kind in _ENCODED_IN.items() if start.startswith(magic)), _without_mark(start))
    if encoding:
        return f"{encoding} text, not UTF-8; convert it: {_pipe_through(f'iconv -f {encoding} -t UTF-8', name)}"
    if refusal := refusals.explain_start(start, name):
        return refusal
    for magic, kind in _EXPORTED.items():
        if start.startswith(magic):
            return f"{kind}, which cannot be read; export it as CSV"
    return _in_zip(start, name) if start.startswith(_ZIP) else None


def _find_readable(start: bytes) -> tuple[str, str] | None:
    """Return what data are that begin so, and the format to read them in, if there is one."""
    if start[8:10] in (b'{"', b"{}") and b"\0" in start[:8]:
        return "a safetensors file", "safetensors"
    return next((found for magic, found in _READ_AS.items() if start.startswith(magic)), None)


def _without_mark(start: bytes) -> str | None:
    """Return the encoding of text whose every other byte is 0."""
    for encoding, zeros, others in (
        ("UTF-16LE", start[1:64:2], start[:64:2]),
        ("UTF-16BE", start[:64:2], start[1:64:2]),
    ):
        if zeros and not any(zeros) and all(others):
            return encoding
    return None


def _in_zip(start: bytes, name: str) -> str:
    member = start[30 : 30 + int.from_bytes(start[26:28], "little")]
    if refusal := refusals.explain_member(member, name):
        return refusal
    if member.endswith(b".npy"):
        return "an npz archive of NumPy arrays, not text; try --from npz"
    if member == b"[Content_Types].xml" or member.startswith((b"_rels/", b"docProps/", b"xl/")):
        return "an Excel workbook (xlsx), which cannot be read; export the sheet as CSV"
    return f"a zip archive, which cannot be read directly; extract it: {_pipe_through('unzip -p', name)}"


def _pipe_through(tool: str, name: str) -> str:
    """Return the command that puts a tool before this program."""
    import shlex

    return f"... | {tool} | actcli ..." if name == "standard input" else f"{tool} {shlex.quote(name)} | actcli ..."
