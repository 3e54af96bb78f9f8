"""Arrays are read as people paste them, as data; nothing is evaluated."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.cli.literals import parse_array
from actcli.errors import ActcliError
from tests.command import actcli, complaint, output

VECTORS = {
    "[-5, -8, 0.0, 3, 9]": ["-5", "-8", "0.0", "3", "9"],
    "[ -5. -8.  0.  3.  9. ]": ["-5.", "-8.", "0.", "3.", "9."],
    "(1, 2,)": ["1", "2"],
    "np.array([1e-3, .5, nan, -inf])": ["1e-3", ".5", "nan", "-inf"],
    "array([1., 2.], dtype=float32)": ["1.", "2."],
    "tf.constant([-5, -8, 0.0, 3, 9])": ["-5", "-8", "0.0", "3", "9"],
    "tf.constant([1], dtype=tf.float32, shape=(1,))": ["1"],
    "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 9.], dtype=float32)>": ["0.", "9."],
    "torch.tensor([1., -2.], device='cuda:0', grad_fn=<ReluBackward0>)": ["1.", "-2."],
    "Array([0.5], dtype=float32)": ["0.5"],
    "jnp.asarray([\N{MINUS SIGN}1])": ["-1"],
}
MISTAKES = {
    "[1, 2": "'[1, 2' is not an array: a bracket is never closed",
    "[1, x]": "'[1, x]' holds 'x', not a number",
    "[1 2 ... 9]": "'[1 2 ... 9]' is cut off at '...': print it in full",
    "[[[1]]]": "'[[[1]]]' has more than two axes or is ragged; expected a vector or a matrix",
    "[[1], 2]": "'[[1], 2]' has more than two axes or is ragged; expected a vector or a matrix",
    "[[1, 2], [3]]": "rows of 1 and 2 numbers; expected rows of the same length",
    "[[], []]": "rows of 0 numbers; expected rows of the same length",
    "[]": "'[]' is empty; expected numbers",
    "[1] + [2]": "'[1] + [2]' is not an array: '+ [2]' follows its last bracket",
    "np.array([1]) * 2": "'np.array([1]) * 2' is not an array: expected ')' at its end",
    "np.array(1)": "'np.array(1)' holds '1', not a number",
    "tf.constant([__import__('os').remove('x')])": "holds '__import__', not a number",
}


@pytest.mark.parametrize("text", VECTORS)
def test_a_vector_gives_its_numbers_as_they_are_written(text):
    """From Python, NumPy, TensorFlow, PyTorch and JAX, as code or as they print it."""
    assert parse_array(text) == VECTORS[text]


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_an_array_is_one_line(text):
    """That says what is wrong with it."""
    with pytest.raises(ActcliError) as error:
        parse_array(text)
    assert MISTAKES[text] in str(error.value)
    assert MISTAKES[text] in complaint("relu", text)


@given(st.lists(st.lists(st.floats(width=32), min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_numpy_and_python_print_is_read_back(rows):
    """Matrices of any numbers, with commas and without."""
    width = min(map(len, rows))
    matrix = np.array([row[:width] for row in rows], np.float32)
    with np.printoptions(floatmode="unique"):
        texts = [str(matrix.tolist()), repr(matrix), str(matrix), f"tf.constant({matrix.tolist()})"]
    for text in texts:
        found = np.array(parse_array(text), np.float64).astype(np.float32)
        np.testing.assert_array_equal(found, np.array(parse_array(repr(matrix.tolist())), np.float32), strict=True)


@given(st.text("[](),.0123456789einfa+- \tx", max_size=30))
def test_any_text_is_an_array_or_a_mistake(text):
    """And never anything else."""
    try:
        array = parse_array(text)
    except ActcliError:
        return
    flat = [number for part in array for number in ([part] if isinstance(part, str) else part)]
    assert flat
    assert all(isinstance(float(number), float) for number in flat)


def test_the_rows_of_a_matrix_are_rows():
    """Each is a vector of its own; the columns have names, the numbers all their digits."""
    found = list(csv.reader(io.StringIO(output("softmax", "[[1, 2], [3, 4.5]]", "--format", "csv"))))
    assert found[0] == ["x1", "x2", "x1_softmax", "x2_softmax"]
    for row in found[1:]:
        x = np.array(row[:2], np.float64)
        np.testing.assert_allclose(np.array(row[2:], np.float64), np.exp(x) / np.exp(x).sum(), rtol=1e-7)
    assert [row[:2] for row in found[1:]] == [["1.0", "2.0"], ["3.0", "4.5"]]


def test_an_array_may_be_split_by_the_shell_or_stand_in_comparisons():
    """Without quotes, negative numbers included."""
    assert output("relu", "[-5,", "-8,", "0.0,", "3]", "--format", "plain") == "0.0\n0.0\n0.0\n3.0\n"
    assert output("compare", "relu", "gelu", "[0, 1]", "--format", "plain") == output(
        "compare", "relu", "gelu", "0", "1", "--format", "plain"
    )
    assert output("compare", "relu", "silu", "[[0, 1]]", "--format", "csv").startswith("x1,x2,x1_relu,x2_relu,x1_silu")


def test_lists_with_commas_are_rows_where_a_function_works_on_vectors():
    """And all numbers of one vector elsewhere."""
    assert output("softmax", "1,2,3", "4,5,6") == output("softmax", "[[1,2,3],[4,5,6]]")
    assert output("softmax", "1,", "2,", "3") == output("softmax", "1", "2", "3")
    assert output("relu", "1,2", "-3", "--format", "plain") == "1.0\n2.0\n0.0\n"
    assert complaint("softmax", "1,2,3", "4,5") == "rows of 2 and 3 numbers; expected rows of the same length"


def test_an_array_is_read_in_every_dtype_and_rounded_once():
    """From its text: by way of float64, this number would be rounded to 1."""
    text = "[1.00390625000000000000001]"
    assert output("relu", text, "--dtype", "bfloat16", "--format", "plain") == "1.01\n"
    assert output("relu", "1.00390625", "--dtype", "bfloat16", "--format", "plain") == "1.0\n"


def test_a_file_whose_name_looks_like_an_array_is_a_file(tmp_path):
    """With its folder, as a file whose name is a number."""
    (tmp_path / "[1]").write_text("x\n-2\n")
    assert actcli("relu", "./[1]", "-f", "csv", cwd=tmp_path).stdout == "x,x_relu\n-2,0.0\n"
