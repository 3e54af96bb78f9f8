"""Whatever holds numbers gives the right array in every function; anything else gives one ActcliError."""

import re
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

import ml_dtypes
import numpy as np
import polars as pl
import pytest

import actcli
from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from actcli.registry import registered
from tests.activations import NEEDED
from tests.array_likes import KINDS, NUMBERS, WRONG

ALONG_AXIS = [each.name for each in registered() if issubclass(each, AlongAxis)]


def captured(values):
    """Return what a kernel is called with by a check."""
    seen = []
    actcli.check(lambda x: seen.append(x.copy()) or np.maximum(x, 0), "relu", inputs=values)
    return np.concatenate(seen)


CALLS = {
    "evaluate": lambda x, **options: actcli.evaluate("relu", x, negative_slope=1, **options),
    "along an axis": lambda x, **options: actcli.evaluate("softmax", x, **options),
    "derivative": lambda x, **options: actcli.derivative("softsign", x, **options),
    "vjp": lambda x, **options: actcli.vjp("softsign", x, np.ones(4, np.float32), **options),
    "vjp, g": lambda g, dtype="float64": actcli.vjp("relu", np.ones(4), g, dtype=dtype),
    "check": lambda x, dtype="float32": captured(x),
    "parameter": lambda slope, dtype="float64": actcli.evaluate("prelu", -np.ones(4), dtype=dtype, slope=slope),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("kind", "dtype"), KINDS.values(), ids=KINDS)
def test_every_kind_of_array_like_gives_what_its_numbers_give(kind, dtype, call):
    """In its own dtype, if it is an array of floating numbers, else in float32."""
    result = call(kind())
    expected = call(np.array(NUMBERS), dtype=result.dtype)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(np.asarray(result, np.float64), np.asarray(expected, np.float64))
    np.testing.assert_array_equal(np.signbit(result), np.signbit(expected))


@pytest.mark.parametrize(("kind", "dtype"), KINDS.values(), ids=KINDS)
def test_an_array_of_floating_numbers_keeps_its_dtype(kind, dtype):
    """Everything else becomes float32."""
    result = actcli.evaluate("relu", kind(), negative_slope=1)
    assert result.dtype == dtypes.FORMATS[dtype].dtype
    assert result.astype(np.float64).tolist() == NUMBERS


def quantized(q=None, **options):
    """Return the codes of relu."""
    return actcli.evaluate_quantized("relu", q, **{"input_scale": 1, "output_scale": 1, **options})


@pytest.mark.parametrize(("kind", "dtype"), KINDS.values(), ids=KINDS)
def test_every_kind_of_array_like_may_hold_codes(kind, dtype):
    """Those here are none: the first of them is what the message says; one of them alone is a scale."""
    with pytest.raises(actcli.ActcliError, match=r"^q has -1.5; codes of int8 are integers"):
        quantized(kind())
    for name in ("input_scale", "output_scale", "input_zero_point", "output_zero_point"):
        with pytest.raises(actcli.ActcliError, match=f"^{name} must be "):
            quantized(**{name: kind()})


@pytest.mark.parametrize("two", [2, "2", 2.0, np.int8(2), np.array(2), Fraction(2), Decimal(2)])
def test_codes_scales_and_zero_points_may_be_numbers_of_any_type(two):
    """As any other numbers may."""
    expected = np.maximum(np.array([-128, 2, 127]) - 2, 0) + 2
    zero_point = {"input_zero_point": two, "output_zero_point": 2 if isinstance(two, str) else two}
    found = quantized([-128, two, 127.0], input_scale=two, output_scale=two, dtype=np.int8, **zero_point)
    assert found.dtype == np.int8
    assert found.tolist() == expected.tolist()


def test_masked_codes_stay_masked():
    """What is hidden need not be a code."""
    found = quantized(np.ma.array([3, 999], mask=[0, 1]))
    assert found.mask.tolist() == [False, True]
    assert found[0] == 3


CALLED_WRONGLY = CALLS | {
    "codes": quantized,
    "scale": lambda scale: quantized(input_scale=scale),
    "zero point": lambda zero_point: quantized(output_zero_point=zero_point),
}
MAY_BE_LEFT_OUT = {"check", "codes"}


@pytest.mark.parametrize("call", CALLED_WRONGLY)
@pytest.mark.parametrize("kind", WRONG.values(), ids=WRONG)
def test_whatever_holds_no_numbers_is_one_error(kind, call):
    """On one line, whichever argument it is; but a check without inputs has those of its own."""
    if kind is WRONG["None"] and call in MAY_BE_LEFT_OUT:
        return
    call = CALLED_WRONGLY[call]
    with pytest.raises(actcli.ActcliError) as error:
        call(kind())
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("name", [name for name in actcli.activations() if name not in ALONG_AXIS])
@pytest.mark.parametrize("dtype", dtypes.FORMATS)
def test_a_mask_stays_where_it_was(name, dtype):
    """In values, derivatives and products, whatever it hides."""
    x = np.ma.array(np.array([0.5, 200, 0.5], dtypes.FORMATS[dtype].dtype), mask=[False, True, False])
    plain = np.full(3, 0.5, x.dtype)
    g = np.ma.array(np.ones(3), mask=[True, False, False])
    for result, expected, mask in (
        (actcli.evaluate(name, x, **NEEDED[name]), actcli.evaluate(name, plain, **NEEDED[name]), x.mask),
        (actcli.derivative(name, x, **NEEDED[name]), actcli.derivative(name, plain, **NEEDED[name]), x.mask),
        (actcli.vjp(name, x, g, **NEEDED[name]), actcli.derivative(name, plain, **NEEDED[name]), [True, True, False]),
    ):
        assert isinstance(result, np.ma.MaskedArray)
        assert result.mask.tolist() == list(mask)
        assert result.dtype == x.dtype
        assert result.compressed().tolist() == expected[~np.array(mask)].tolist()


@pytest.mark.parametrize("dtype", ["float4_e2m1fn", "float6_e2m3fn", "float32"])
def test_what_is_hidden_has_no_say_whether_there_are_results(dtype):
    """Where the format has no NaN, nor a product of what is hidden with what is shown."""
    hidden = {"mask": [True, False, False], "dtype": dtypes.FORMATS[dtype].dtype}
    x, g = np.ma.array([1, 1, 0.5], **hidden), np.ma.array([0, 1, 1], **hidden)
    assert actcli.vjp("logit", x, np.ones(3)).count() == 2
    assert actcli.vjp("logit", x.data, g).count() == 2
    assert actcli.evaluate("logit", np.ma.array([3, 1, 0], mask=[1, 0, 0]), dtype=dtype).count() == 2


@pytest.mark.parametrize("name", [name for name in ALONG_AXIS if actcli.get(name).absent is not None])
def test_a_masked_number_counts_as_not_there(name):
    """Among numbers along an axis that can do without some; what hides it hides its result."""
    x = np.ma.array([[1.0, 200.0, 3.0, 4.0], [5.0, 2.0, 1.0, -1.0]], mask=[[0, 1, 0, 0], [0, 0, 1, 1]])
    g = np.ma.array([[1.0, 7.0, 2.0, 4.0], [0.5, 1.5, 9.0, 9.0]], mask=x.mask)
    results = [actcli.evaluate(name, x), actcli.vjp(name, x, g), actcli.vjp(name, x, g.data)]
    for row in range(2):
        few, weights = x[row].compressed(), g[row].compressed()
        expected = [actcli.evaluate(name, few), *[actcli.vjp(name, few, weights)] * 2]
        for result, due in zip(results, expected, strict=True):
            assert result[row].compressed().tolist() == due.tolist()
            assert result[row].mask.tolist() == x.mask[row].tolist()
    first = actcli.evaluate(name, x, where=[True, True, True, False])
    assert first[0].tolist()[:3:2] == actcli.evaluate(name, [1.0, 3.0], dtype="float64").tolist()
    with pytest.raises(actcli.ActcliError, match="g has masked numbers"):
        actcli.vjp(name, x.data, g)
    with pytest.raises(actcli.ActcliError, match="has shape"):
        actcli.evaluate(name, x, where=[True, False])


@pytest.mark.parametrize("name", [name for name in ALONG_AXIS if actcli.get(name).absent is None])
def test_a_masked_number_never_takes_part(name):
    """Along an axis, where each result depends on it; an array that hides nothing is as good as any other."""
    x = np.ma.array([1.0, 200.0, 3.0, 4.0], mask=[False, True, False, False])
    g = np.ones(actcli.evaluate(name, x.data).shape)
    for call in (
        lambda: actcli.evaluate(name, x),
        lambda: actcli.evaluate(name, [x, x]),
        lambda: actcli.vjp(name, x, g),
        lambda: actcli.vjp(name, x.data, np.ma.array(g, mask=g > 0)),
        lambda: actcli.check(np.exp, name, inputs=np.ma.array([x])),
    ):
        with pytest.raises(actcli.ActcliError, match="has masked numbers"):
            call()
    shown = np.ma.array(x.data)
    assert actcli.evaluate(name, shown).tolist() == actcli.evaluate(name, x.data).tolist()
    assert actcli.vjp(name, shown, np.ma.array(g)).tolist() == actcli.vjp(name, x.data, g).tolist()


@pytest.mark.parametrize("dtype", dtypes.FORMATS)
def test_numbers_of_any_type_saturate(dtype):
    """Beyond the largest number, if that is asked for or the format has nothing else; masks stay."""
    largest = dtypes.FORMATS[dtype].largest
    numbers = [10**400, -Fraction(10**400), Decimal("1e400"), "-inf", np.longdouble("inf"), -np.inf]
    x = np.array([np.inf, -np.inf], np.float16)
    for given in ([*numbers, 2], np.array([*numbers, 2], object), np.ma.array([*numbers, 2]), x, x.tolist()):
        result = actcli.evaluate("relu", given, dtype=dtype, negative_slope=1, saturate=True)
        expected = [largest, -largest] * (len(given) // 2) + [2.0] * (len(given) % 2)
        assert result.astype(np.float64).tolist() == expected


@pytest.mark.parametrize("dtype", ["float4_e2m1fn", "float6_e2m3fn"])
def test_what_a_mask_hides_may_be_nan_in_formats_without(dtype):
    """What it shows may not."""
    x = np.ma.array([1.0, np.nan], mask=[False, True])
    assert actcli.evaluate("relu", x, dtype=dtype).tolist() == [1, None]
    for missing in (x.data, np.array([1, np.nan], object), np.array([np.nan], np.longdouble)):
        with pytest.raises(actcli.ActcliError, match=f"x has NaN; {dtype} has no NaN"):
            actcli.evaluate("relu", missing, dtype=dtype)


def test_what_a_mask_hides_need_not_be_a_number():
    """And masked numbers may stand in lists."""
    for x in (
        np.ma.array([1, None], object, mask=[0, 1]),
        np.ma.array(["1", "?"], mask=[0, 1]),
        np.ma.array([1.0, np.nan], mask=[0, 1]),
        [np.ma.array(1), np.ma.masked],
    ):
        result = actcli.evaluate("relu", x)
        assert result.mask.tolist() == [False, True]
        assert result[0] == 1


@pytest.mark.parametrize(
    ("expected", "spellings"),
    [
        ("float16", ["half", "fp16", "f2", "<f2", ">f2", "e", "Float16", "torch.float16", np.half, np.dtype(">f2")]),
        ("bfloat16", ["bf16", "torch.bfloat16", "jnp.bfloat16", "tf.bfloat16", ml_dtypes.bfloat16]),
        ("float32", ["single", "f4", ">f4", "f", "np.float32", np.float32, pl.Float32, np.dtype("f4")]),
        ("float64", ["double", "f8", "=f8", "d", "mlx.core.float64", float, np.double, pl.Float64()]),
        ("float8_e4m3fn", ["e4m3", "torch.float8_e4m3fn", ml_dtypes.float8_e4m3fn]),
    ],
)
def test_a_dtype_may_be_written_as_people_do(expected, spellings):
    """By name, by type code, or as the dtype of a library."""
    for library in ("torch", "jax.numpy", "tensorflow", "mlx.core"):
        try:
            spellings = [*spellings, getattr(import_module(library), expected)]
        except (ImportError, AttributeError):
            continue
    for spelling in spellings:
        assert actcli.evaluate("relu", [1], dtype=spelling).dtype == dtypes.FORMATS[expected].dtype
        assert actcli.vjp("relu", [1], [1], dtype=spelling).dtype == dtypes.FORMATS[expected].dtype
        assert actcli.check(lambda x: np.maximum(x, 0), "relu", inputs=[1], dtype=spelling).tried == 1


@pytest.mark.parametrize(
    "dtype",
    [int, complex, bool, str, object, "float", "i4", "S4", [("a", "f4")], {}, 1.5, 10**400, 10**5000, "torch."],
    ids=lambda value: type(value).__name__,
)
def test_any_other_dtype_is_one_error(dtype):
    """Whatever NumPy makes of it."""
    for call in (
        lambda: actcli.evaluate("relu", [1], dtype=dtype),
        lambda: actcli.derivative("relu", [1], dtype=dtype),
        lambda: actcli.vjp("relu", [1], [1], dtype=dtype),
        lambda: actcli.check(np.abs, "relu", dtype=dtype),
        lambda: actcli.check(np.abs, "relu", out_dtype=dtype),
    ):
        with pytest.raises(actcli.ActcliError, match=r"^dtype (must be one of|cannot be)") as error:
            call()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "value",
    [10**400, 10**5000, None, 1j, object(), [1, 2, 3, 4, 5], {}, "", np.zeros((2, 2))],
    ids=lambda value: type(value).__name__,
)
def test_no_argument_lets_another_exception_out(value):
    """Every parameter of every activation, its name, the dialect and the rounding mode."""
    calls = [
        lambda: actcli.get(value),
        lambda: actcli.evaluate(value, [1]),
        lambda: actcli.evaluate("relu", [1], numerics=value),
    ]
    if value is not None:
        calls.append(lambda: actcli.evaluate("relu", [1], dialect=value))
    for activation in registered():
        for name, parameter in activation.parameters.items():
            has_no_bound = parameter.domain == "any" or parameter.is_bound
            is_accepted = value is None and (parameter.default is None or parameter.kind is bool)
            is_accepted |= isinstance(value, int) and has_no_bound  # it is infinite
            if not is_accepted:
                given = {**NEEDED[activation.name], name: value}
                calls.append(lambda name=activation.name, given=given: actcli.evaluate(name, [1, 2], **given))
    for call in calls:
        with pytest.raises(actcli.ActcliError) as error:
            call()
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 300


def test_a_parameter_may_be_a_tensor():
    """One number, or for a list of slopes one axis."""
    for slope in (np.array(0.25), np.array([0.25]), ml_dtypes.bfloat16(0.25), Fraction(1, 4), Decimal("0.25")):
        assert actcli.evaluate("leaky_relu", [-1], alpha=slope).tolist() == [-0.25]
    assert actcli.evaluate("elu", [1], alpha=Fraction(1, 3)) == 1
    assert actcli.evaluate("relu", [-1], alpha=2**54 + 2**30 + 1).tolist() == [-(2**54 + 2**31)]


def test_the_float8_with_infinities_is_not_taken_for_the_one_without():
    """Its infinity would be NaN there; as a word the name means the one without. Its numbers can be read."""
    x = np.array([240, np.inf], ml_dtypes.float8_e4m3)
    for call in (lambda: actcli.evaluate("relu", x), lambda: actcli.evaluate("relu", 1, dtype=ml_dtypes.float8_e4m3)):
        with pytest.raises(actcli.ActcliError, match="of ml_dtypes, which has infinities; take float8_e4m3fn or"):
            call()
    assert actcli.evaluate("relu", x, dtype="float16").tolist() == [240, np.inf]
    assert actcli.evaluate("relu", 448, dtype="float8_e4m3").tolist() == 448


def test_numbers_of_ml_dtypes_and_extended_ones_are_numbers():
    """Alone in lists; an extended array becomes float64, the nearest that there is."""
    assert actcli.evaluate("relu", [ml_dtypes.bfloat16(1.5), 2, ml_dtypes.float8_e5m2("inf")]).tolist() == [
        1.5,
        2,
        np.inf,
    ]
    found = actcli.evaluate("relu", np.array(["1.1"], np.longdouble))
    assert (found.dtype, found.tolist()) == (np.float64, [1.1])


@pytest.mark.parametrize("where", [np.ma.array([1, 1], mask=[0, 1]), [np.ma.array([1, 1], mask=[0, 1]), [1, 1]]])
def test_a_mask_is_not_masked_itself(where):
    """Whether it keeps a number that it hides, it does not say."""
    with pytest.raises(actcli.ActcliError, match=re.escape("where has masked values; give where.filled(False)")):
        actcli.evaluate("softmax", [[1, 2], [3, 4]], where=where)


@pytest.mark.parametrize("saturate", ["no", 1, None, [True]])
def test_saturate_is_a_truth_value(saturate):
    """A word is none: "no" would be true."""
    with pytest.raises(actcli.ActcliError, match="saturate must be True or False, got"):
        actcli.evaluate("exponential", 1000, saturate=saturate)
