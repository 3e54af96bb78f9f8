"""A word names the kernel that one would guess, and nothing is imported or opened to tell."""

import pytest

from actcli.errors import ActcliError
from actcli.referee.kernels.words import Code, Command, Dump, parse
from tests.kernels import options

CODE = {
    "torch.nn.functional:silu": ("module", "torch.nn.functional", "silu"),
    "kernels:Scale.apply": ("module", "kernels", "Scale.apply"),
    "kernels.py:gelu": ("file", "kernels.py", "gelu"),
    "../a b/kernels.py:gelu": ("file", "../a b/kernels.py", "gelu"),
    "./libk.so:my_silu": ("library", "./libk.so", "my_silu"),
    "/opt/libk.so.1.2:my_silu": ("library", "/opt/libk.so.1.2", "my_silu"),
    "libk.dylib:my_silu": ("library", "libk.dylib", "my_silu"),
}


@pytest.mark.parametrize("word", CODE)
def test_a_function_is_named_by_its_place_and_its_name(word):
    """Modules, files and shared libraries are told apart by the place."""
    assert parse(word, options()) == Code(word, *CODE[word])


def test_only_a_derivative_is_differentiated():
    """Unless a function after a comma computes it."""
    word = "kernels.py:silu,silu_grad"
    assert parse("kernels.py:silu", options(derivative=True)).differentiate
    assert parse(word, options()) == Code(word, "file", "kernels.py", "silu")
    assert parse(word, options(derivative=True)) == Code(word, "file", "kernels.py", "silu_grad")


@pytest.mark.parametrize("word", ["dump.csv", "./dump", "a/b.parquet", "dump.safetensors", "x.npy", "/a:b/dump.csv"])
def test_a_file_of_numbers_is_named_by_its_path(word):
    """Whatever the file is called that is no file of code."""
    assert parse(word, options(columns="x,y")) == Dump(word, (word,))


def test_two_arrays_are_inputs_and_results():
    """In this order."""
    assert parse("a b.npy c.npy", options()) == Dump("a b.npy c.npy", ("a b.npy", "c.npy"))


def test_a_command_is_split_as_a_shell_splits_it():
    """But nothing is expanded."""
    assert parse("", options(command="./kernel '--fast $HOME' *")) == Command(
        "./kernel '--fast $HOME' *", ("./kernel", "--fast $HOME", "*")
    )


@pytest.mark.parametrize(
    ("word", "values", "message"),
    [
        ("silu", {}, "KERNEL 'silu' is not a kernel; expected module:name, "),
        ("torch:", {}, "KERNEL 'torch:' is not a kernel"),
        ("kernels.py", {}, "KERNEL 'kernels.py' names no function; expected kernels.py:NAME"),
        ("./libk.so", {}, "KERNEL './libk.so' names no function; expected ./libk.so:NAME"),
        ("kernels.py:f()", {}, "KERNEL 'kernels.py:f()' names no function; expected kernels.py:NAME"),
        ("silu", {"command": "cat"}, "--command is the kernel; omit the KERNEL 'silu', or --command"),
        ("", {"command": "'"}, '--command "\'" cannot be split into words: No closing quotation'),
        ("", {"command": " "}, "--command is empty; expected a command"),
        ("", {"command": "cat", "device": "cuda"}, "--device is for a Python callable, not cat; omit it"),
        ("./libk.so:f", {"compile": True}, "--compile is for a Python callable, not ./libk.so:f; omit it"),
        ("dump.csv", {"with_": {"a": "1"}}, "--with is for a Python callable, not dump.csv; omit it"),
        ("x.npy y.npy", {"columns": "x,y"}, "--columns selects columns of a file of numbers; x.npy y.npy has none"),
        ("m:f", {"columns": "x,y"}, "--columns selects columns of a file of numbers; m:f has none; omit it"),
    ],
)
def test_what_names_no_kernel_is_refused(word, values, message):
    """With what is accepted."""
    with pytest.raises(ActcliError) as raised:
        parse(word, options(**values))
    assert str(raised.value).startswith(message)
