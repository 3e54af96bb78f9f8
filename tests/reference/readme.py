"""The lists and counts in README.md and the pages of docs that come from the catalogue; write_docs.py puts them in."""

import re
from pathlib import Path

from actcli.activation import AlongAxis
from actcli.dialects import FRAMEWORKS
from actcli.formats.registry import FORMATS
from actcli.registry import registered

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
        "docs/data.md": {
            r"(?<=\nDown a column, )[\w,\s]+(?= read a file twice)": enumerate_words(twice_read, "and"),
            r"(?<=`--to` \| )[`\w, ]+(?=\. Default)": formats,
        },
    }


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
