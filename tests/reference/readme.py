"""The lists and counts in README.md and the pages of docs that come from the catalogue; write_docs.py puts them in."""

import math
import re
from fractions import Fraction
from pathlib import Path

from actcli.activation import AlongAxis
from actcli.dialects import FRAMEWORKS
from actcli.formats.registry import FORMATS
from actcli.numerics import dtypes
from actcli.registry import registered
from tests.reference.markdown import table

ROOT = Path(__file__).parents[2]


def parts() -> dict[str, dict[str, str]]:
    """Return for each page what stands at each place, which a pattern describes by what is before it and after it."""
    count = str(len(list(registered())))
    in_tutorial = [activation.name for activation in registered() if activation.tensorflow2]
    twice_read = [
        activation.name for activation in registered() if issubclass(activation, AlongAxis) and activation.reduction
    ]
    formats = ", ".join(f"`{name}`" for name in FORMATS)
    return {
        "README.md": {r"(?<=\n- \*\*)\d+(?= functions\*\*)": count},
        "docs/library.md": {r"(?<=>>> len\(actcli\.activations\(\)\)\n)\d+": count},
        "docs/faq.md": {
            r"(?<=`--dialect` names another: )[\w,\s]+(?=\.\sFrameworks)": enumerate_words([*FRAMEWORKS], "or"),
            r"(?<=`--numerics tensorflow2` knows )[\w,\s]+(?=, the functions)": enumerate_words(in_tutorial, "and"),
        },
        "docs/dtypes.md": {r"(?<=\n\n)\| dtype [^#]*?(?=\n\n)": dtypes_table()},
        "docs/data.md": {
            r"(?<=\nDown a column, )[\w,\s]+(?= read a file twice)": enumerate_words(twice_read, "and"),
            r"(?<=`--to` \| )[`\w, ]+(?=\. Default)": formats,
        },
    }


def dtypes_table() -> str:
    """Return the table of the float formats."""
    rows = []
    for name, format in dtypes.FORMATS.items():
        aliases = ", ".join(alias for alias, meant in dtypes.ALIASES.items() if meant == name)
        beyond = {math.inf: "infinity", format.largest: "the largest"}.get(format.overflow_value, "NaN")
        smallest = Fraction(2) ** (format.min_exponent - format.precision + 1)  # of float64, no other float has it
        sizes = [_shorten(size) for size in (format.largest, 2.0**format.min_exponent, float(smallest))]
        switches = ["yes" if has else "no" for has in (dtypes.has_nan(format), not name.endswith("fnuz"))]
        rows.append([name, aliases, str(dtypes.width(format)), str(format.precision), *sizes, beyond, *switches])
    heading = (
        "dtype | also called | bits: | precision: | largest: | smallest normal: | smallest: | beyond it | NaN | -0"
    )
    return table(heading, rows)


def _shorten(size: float) -> str:
    """Return a size as people say it: all digits where they are few."""
    is_short = 1e-3 < size < 1e6 and size == float(f"{size:g}")
    return f"{size:g}" if is_short else re.sub(r"e([+-])0*", r"e\1", f"{size:.1e}").replace("e+", "e")


def enumerate_words(words: list[str], last: str) -> str:
    """Return words as a sentence has them: ``a, b and c``."""
    return f" {last} ".join(", ".join(part) for part in (words[:-1], words[-1:]) if part)


def pages() -> dict[str, str]:
    """Return the pages with their lists and counts as the catalogue has them; where the words are right, lines stay.

    Raises:
        ValueError: if a page has no such place, or several.

    """
    texts = {}
    for name, patterns in parts().items():
        page = (ROOT / name).read_text()
        for pattern, new in patterns.items():
            found = re.findall(pattern, page)
            if len(found) != 1:
                raise ValueError(f"{name} has {len(found)} places like {pattern}; readme.py expects one")
            if found[0].split() != new.split():
                page = re.sub(pattern, lambda _, new=new: new, page)
        texts[name] = page
    return texts
