"""C functions in shared libraries: called with arrays of their own, and seen where they write beside them."""

import ctypes

import ml_dtypes
import numpy as np
import pytest

from actcli.referee.kernels import wrap_callable
from tests.kernels import X, compile_library, compute, error, needs_compiler, needs_x86, options, within

pytestmark = needs_compiler

CODE = """
#define KERNEL(name, T, U) void name(const T *x, U *y, size_t n)
#define EACH(result) for (size_t i = 0; i < n; i++) y[i] = result
KERNEL(twice, float, float) { EACH(2 * x[i]); }
KERNEL(same16, uint16_t, uint16_t) { EACH(x[i]); }
KERNEL(same8, uint8_t, uint8_t) { EACH(x[i]); }
KERNEL(squared, float, double) { EACH((double)x[i] * x[i]); }
KERNEL(reversed, float, float) { EACH(x[n - 1 - i]); }
KERNEL(behind, float, float) { EACH(x[i]); y[n] = 1; }
KERNEL(before, float, float) { EACH(x[i]); y[-1] = 1; }
KERNEL(input, float, float) { EACH(x[i]); ((float *)x)[n - 1] = 9; }
KERNEL(input_behind, float, float) { EACH(x[i]); ((float *)x)[n] = 9; }
KERNEL(tailless, float, float) { n = n / 8 * 8; EACH(x[i]); }
KERNEL(garbage, uint16_t, uint16_t) { EACH(0xa5a5); }
KERNEL(null, float, float) { EACH(x[i] == 1.5f ? *(volatile float *)0 : x[i]); }
KERNEL(hanging, float, float) { EACH(x[i]); for (size_t i = 0; i < n; i++) while (x[i] == 1.5f) __asm__ volatile(""); }
KERNEL(gradient, float, float) { EACH(2); }
"""
FLUSHING = """
#include <xmmintrin.h>
void flush(const float *x, float *y, size_t n) {
    _mm_setcsr(_mm_getcsr() | 0x8040);
    volatile float one = 1;
    for (size_t i = 0; i < n; i++) y[i] = x[i] * one;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Return the path of a library of kernels."""
    return compile_library(tmp_path_factory.mktemp("library"), CODE)


def test_a_function_gets_inputs_and_a_place_for_results(library):
    """Of two formats, if need be; with a step in memory or without."""
    assert np.array_equal(compute(f"{library}:twice"), X * 2)
    assert np.array_equal(compute(f"{library}:twice", X[::3]), X[::3] * 2)
    assert np.array_equal(compute(f"{library}:squared", out_dtype="float64"), X.astype(np.float64) ** 2)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("same16", "bfloat16"), ("same16", "float16"), ("same8", "float8_e4m3fn"), ("same8", "float8_e5m2")],
)
def test_short_formats_are_bit_patterns(library, name, dtype):
    """All of them."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    patterns = np.arange(256**kind.itemsize).astype(f"u{kind.itemsize}")
    assert compute(f"{library}:{name}", patterns.view(kind)).tobytes() == patterns.tobytes()


def test_rows_are_calls_of_their_own(library):
    """With the length of a row."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert compute(f"{library}:reversed", rows).tolist() == [[2, 1, 0], [5, 4, 3]]


def test_the_function_after_a_comma_is_the_derivative(library):
    """Without one, the function itself is it."""
    word = f"{library}:twice,gradient"
    assert np.array_equal(compute(word), X * 2)
    assert set(compute(word, derivative=True)) == {2}
    assert set(compute(f"{library}:gradient", derivative=True)) == {2}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("behind", "wrote behind the end of the array of 17 results"),
        ("before", "wrote before the array of 17 results"),
        ("input", "wrote to its inputs"),
        ("input_behind", "wrote behind the end of the array of 17 inputs"),
        ("tailless", "left 1 of 17 results unwritten, the first of them result 17, for x = 4.0 (0x40800000)"),
        ("nothing", "exports no 'nothing' (in C++, declare it extern 'C')"),
        ("null", "died of SIGSEGV for x = 1.5 (0x3fc00000)"),
    ],
)
def test_a_fault_in_memory_is_named(library, name, problem):
    """In one line."""
    message = error(f"{library}:{name}")
    assert message.startswith(f"{library}:{name} ")
    assert message.endswith(problem)


def test_results_that_look_like_garbage_may_be_right(library):
    """They are written by a second call, too."""
    results = compute(f"{library}:garbage", X.astype(ml_dtypes.bfloat16))
    assert set(results.view(np.uint16).tolist()) == {0xA5A5}


def test_a_hang_ends_after_the_timeout(library):
    """And the input is found."""
    with within(30):
        message = error(f"{library}:hanging", timeout=0.3)
    assert message.endswith("hanging did not return within 0.3 s (--timeout) for x = 1.5 (0x3fc00000)")


def test_a_file_that_is_no_library_is_named(tmp_path):
    """With what the loader says."""
    (tmp_path / "libk.so").write_text("no code")
    assert "libk.so:f cannot be loaded: " in error(f"{tmp_path}/libk.so:f")


@needs_x86
def test_flush_to_zero_stays_with_the_kernel(tmp_path):
    """On a thread of its own in the library, in a process of its own on the command line."""
    path = compile_library(tmp_path, FLUSHING)
    flush = ctypes.CDLL(path).flush
    flush.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

    def call(x):
        y = np.empty_like(x)
        flush(x.ctypes.data, y.ctypes.data, len(x))
        return y

    subnormal = np.full(8, 1e-40, np.float32)
    for _ in range(2):
        assert not wrap_callable(call, options()).compute(subnormal).any()
        assert (subnormal * np.float32(1)).all()
        assert not compute(f"{path}:flush", subnormal).any()
        assert (subnormal * np.float32(1)).all()
