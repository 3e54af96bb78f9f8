"""Arrays as people paste them, from Python, NumPy, PyTorch, JAX or TensorFlow; read as data, never evaluated."""

import re
from typing import TypeAlias

from actcli.errors import ActcliError
from actcli.numerics.text import is_number_or_bits, normalize

Nested: TypeAlias = "list[str | Nested]"

_CONSTRUCTOR = re.compile(
    r"(?:(?:np|numpy|tf|torch|jnp|jax\.numpy)\.)?"
    r"(?:array|asarray|constant|convert_to_tensor|Variable|tensor|Tensor|Array)\("
)
_TENSOR = re.compile(r"<tf\.(?:Tensor|Variable).*?numpy=(.*)>", re.DOTALL)
_TOKEN = re.compile(r"[\[(]|[\])]|[^\s,\[\]()]+")


def looks_like_array(text: str) -> bool:
    """Tell whether a text begins as an array does."""
    return text[:1] in {"[", "("} or bool(_CONSTRUCTOR.match(text) or text.startswith("<tf."))


def parse_array(text: str) -> list[str] | list[list[str]]:
    """Return the numbers of an array as text: of a vector, or of the rows of a matrix.

    Raises:
        ActcliError: for anything else than numbers in one or two levels of brackets.

    """
    text = normalize(text)
    whole = text
    if tensor := _TENSOR.fullmatch(whole):
        whole = tensor[1]
    if constructor := _CONSTRUCTOR.match(whole):
        whole = whole[constructor.end() :]
    elements, rest = _parse_nested(whole, text)
    if constructor and not re.fullmatch(r"(,[^\[\]]*)?\)", rest.strip()):  # dtype=float32 and the like
        raise ActcliError(f"{text!r} is not an array: expected ')' at its end")
    if not constructor and rest.strip():
        raise ActcliError(f"{text!r} is not an array: {rest.strip()!r} follows its last bracket")
    if not elements:
        raise ActcliError(f"{text!r} is empty; expected numbers")
    rows = [element for element in elements if isinstance(element, list)]
    if not rows:
        return [element for element in elements if isinstance(element, str)]
    matrix = [[element for element in row if isinstance(element, str)] for row in rows]
    if len(rows) < len(elements) or any(len(row) < len(whole) for row, whole in zip(matrix, rows, strict=True)):
        raise ActcliError(f"{text!r} has more than two axes or is ragged; expected a vector or a matrix")
    return require_same_length(matrix)


def require_same_length(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of a matrix; raise ActcliError if they differ in length or are empty."""
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1 or lengths == [0]:
        raise ActcliError(f"rows of {' and '.join(map(str, lengths))} numbers; expected rows of the same length")
    return rows


def _parse_nested(text: str, whole: str) -> tuple[Nested, str]:
    """Return the elements between the first bracket and its partner, and the text after it."""
    stack: list[Nested] = []
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in "[(":
            opened: Nested = []
            if stack:
                stack[-1].append(opened)
            stack.append(opened)
        elif word in "])":
            if len(stack) <= 1:
                return (stack[0] if stack else []), text[token.end() :]
            stack.pop()
        elif not stack or not is_number_or_bits(word := normalize(word)):
            problem = (
                "is cut off at '...': print it in full" if word.startswith("..") else f"holds {word!r}, not a number"
            )
            raise ActcliError(f"{whole!r} {problem}")
        else:
            stack[-1].append(word)
    raise ActcliError(f"{whole!r} is not an array: a bracket is never closed")
