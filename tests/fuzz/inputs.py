"""What the fuzzer makes: files from pieces that hurt, and command lines from words that exist."""

import gzip
import sys
from random import Random
from typing import Any, NamedTuple

from actcli.activation import Activation
from actcli.cli import options
from actcli.formats.registry import FORMATS
from actcli.registry import find, registered

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECES = [
    *(b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xef\xbb\xbf", b" ", b"\t", b";", b"|"),
    *(
        b"1",
        b"2",
        b"-3",
        b"x,1\n",
        b"-2.5",
        b"nan",
        b"-inf",
        b"1e999",
        b"1e-999",
        b"9007199254740993",
        b"+.5",
        b"1,5",
        b"-0",
        b"0x1",
        b"1_0",
    ),
    *("é", "\N{MINUS SIGN}3", "\u2028", "\u3000", "\N{GRINNING FACE}"),
    *(
        b"x",
        b"id",
        b"NA",
        b"null",
        b'"a,b"',
        b'"a\nb"',
        b"\n\n",
        b",,",
        b"1\n",
        b"1,2\n",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
    ),
    *(b"{", b"}", b"[1, 2]", b'{"x": 1}\n', b"ARROW1", b"PAR1", b"\x93NUMPY\x01\x00", b"9" * 400, b"\x1b[31m", b"\xff"),
]
PIECES = [piece.encode() if isinstance(piece, str) else piece for piece in PIECES]

SEEDS = [
    b"x\n-1\n2\n",
    b"a,b\n1,-2\n3,4\n",
    b'id,z\r\n"one, two",-1.5\r\n"say ""hi""",2\r\n',
    b"\xef\xbb\xbfa\tb\n1\t2\n",
    b'{"x": 1, "y": null}\n{"x": -2.5, "y": "t"}\n',
    b"",
]
SEEDS += [gzip.compress(SEEDS[1], mtime=0), zstd.compress(SEEDS[1])]

FUNCTIONS = ["relu", "gelu", "softmax", "glu", "tanh", "sparsemax"]
NAMES = [activation.name for activation in registered()]
FLAGS = sorted(
    {flag for _, option in options.declare_options().values() for flag in option.param_decls or ()} - {"--output", "-o"}
)
PARAMETERS = sorted({f"--{name.replace('_', '-')}" for activation in registered() for name in activation.parameters})
WORDS = [
    *(
        "-1",
        "0",
        "2.5",
        "nan",
        "-inf",
        "1e400",
        "1,2,3",
        "-1e-5",
        "\N{MINUS SIGN}3",
        "0x1",
        "1_000",
        "--",
        "-",
        "",
        " ",
        ",",
    ),
    *(
        "x.csv",
        "no.csv",
        "./",
        "out.csv",
        "x.tsv.gz",
        "{column}",
        "{column}_y",
        "{",
        "a",
        "b",
        "!a",
        "*",
        "1:",
        ":",
        "a:b",
    ),
    *(
        "float16",
        "bfloat16",
        "float8_e4m3fn",
        "float8_e5m2fnuz",
        "float4_e2m1fn",
        "float64",
        "exact",
        "tensorflow2",
        "torch",
        "keras2",
        "onnx",
        "first",
        "true",
    ),
    *(
        "fail",
        "null",
        "keep",
        "NA,null",
        ";",
        "tab",
        "space",
        "\t",
        '"',
        ".",
        "é",
        "\x01",
        "\udcff",
        "--help",
        "--version",
    ),
    *(
        "list",
        "tutorial",
        "-h",
        "-2q",
        "--treshold",
        "--threshold=1",
        "-o",
        "--output",
        "0.1,0.2",
        "99999",
        "1e5",
        "[red]",
    ),
    *FORMATS,
]


class Call(NamedTuple):
    """What a command line means: the activation, what it reads, the options."""

    activation: type[Activation]
    inputs: list[str]
    options: dict[str, Any]


def file(random: Random) -> bytes:
    """Return the bytes of a file: a seed that was cut, spliced and flipped, or pieces in a row."""
    if random.random() < 0.3:
        return b"".join(random.choices(PIECES, k=random.randrange(30)))
    data = bytearray(random.choice(SEEDS))
    for _ in range(random.randrange(8)):
        place = random.randrange(len(data) + 1)
        end = place + random.randrange(6)
        match random.randrange(9):
            case 0 | 1 | 2 | 3:
                data[place:place] = random.choice(PIECES)
            case 4:
                del data[place:end]
            case 5:
                data[place:place] = data[max(0, place - 20) : end] * random.randrange(1, 4)
            case 6 if place < len(data):
                data[place] ^= 1 << random.randrange(8)
            case _:
                data[place:end] = random.choice(PIECES)
    return bytes(data)


def reading(random: Random) -> Call:
    """Return a call that reads standard input."""
    given: dict[str, Any] = {"format": random.choice([*FORMATS, "csv", "csv", "csv"])}
    for name, values in {
        "delimiter": [";", "tab", "|", "space"],
        "header": [True, False],
        "decimal": [","],
        "na": [("NA,null",)],
        "on_error": ["null", "keep"],
        "columns": [("x",), ("1",), ("-1",), ("a:",), ("*",), ("!a",), ("!1", "a")],
        "dtype": ["float64", "float16", "bfloat16", "float8_e5m2", "float8_e4m3fnuz", "float6_e2m3fn"],
        **random.choice([{}, {"replace": [True]}, {"only": [True], "naming": ["{column}y"]}, {"derivative": [True]}]),
    }.items():
        if random.random() < 0.15:
            given[name] = random.choice(values)
    return Call(find(random.choice(FUNCTIONS)), ["-"], given)


def arguments(random: Random) -> list[str]:
    """Return a command line: mostly a function and words that mean something, some of them damaged."""
    words = [random.choice(NAMES)] if random.random() < 0.9 else []
    words += (random.choice(random.choice([WORDS, WORDS, FLAGS, PARAMETERS])) for _ in range(random.randrange(7)))
    if random.random() < 0.3 and words:
        place = random.randrange(len(words))
        word = words[place]
        cut = random.randrange(len(word) + 1)
        words[place] = word[:cut] + random.choice(["", "-", "=", ",", "1", "é", "\n", "{", " "]) + word[cut + 1 :]
    return words
