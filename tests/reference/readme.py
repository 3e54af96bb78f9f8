"""The lists and counts in README.md that come from the catalogue; write_docs.py puts them in."""

import re
from pathlib import Path

from actcli.activation import AlongAxis
from actcli.dialects import FRAMEWORKS
from actcli.numerics import dtypes
from actcli.registry import registered

README = Path(__file__).parents[2] / "README.md"


def parts() -> dict[str, str]:
    """Return what stands at each place, which a pattern describes by what is before it and after it."""
    families: dict[str, list[str]] = {}
    for activation in registered():
        families.setdefault(activation.family, []).append(activation.name)
    in_tutorial = [activation.name for activation in registered() if activation.tensorflow2]
    twice_read = [
        activation.name for activation in registered() if issubclass(activation, AlongAxis) and activation.reduction
    ]
    return {
        r"(?<=\n\n)- linear: [^\n]*\n(?:- \w+: [^\n]*\n)*": "".join(
            f"- {family}: {', '.join(names)}\n" for family, names in families.items()
        ),
        r"(?<=>>> len\(actcli\.activations\(\)\)\n)\d+": str(len(list(registered()))),
        r"(?<=`--dialect` chooses )[\w, ]+(?=:\n)": enumerate_words([*FRAMEWORKS], "or"),
        r"(?<=\(`--dtype`: )[^)]+(?=\))": ", ".join(dtypes.FORMATS),
        r"(?<=the bits of the tutorial, for )[\w,\s]+(?= in float32)": enumerate_words(in_tutorial, "and"),
        r"(?<=\nDown a column, )[\w,\s]+(?= read a file twice)": enumerate_words(twice_read, "and"),
    }


def enumerate_words(words: list[str], last: str) -> str:
    """Return words as a sentence has them: ``a, b and c``."""
    return f" {last} ".join(", ".join(part) for part in (words[:-1], words[-1:]) if part)


def text() -> str:
    """Return README.md with its lists and counts as the catalogue has them; where the words are right, lines stay.

    Raises:
        ValueError: if README.md has no such place, or several.

    """
    page = README.read_text()
    for pattern, new in parts().items():
        found = re.findall(pattern, page)
        if len(found) != 1:
            raise ValueError(f"README.md has {len(found)} places like {pattern}; readme.py expects one")
        if found[0].split() != new.split():
            page = re.sub(pattern, lambda _, new=new: new, page)
    return page
