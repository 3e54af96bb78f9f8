"""What docs/accuracy.md says around its tables."""

TEXT = """\
# Accuracy

Guarantee: values and derivatives of elementwise functions, gated units included, are correctly rounded in all
[dtypes](dtypes.md), from float4 to float64, whatever the parameters: the true value of the formula, rounded once. No
other number of the dtype is nearer, so the error is at most 0.5 ulp. A threshold is compared with the exact number,
such as beta * x, before any rounding; a zero has the sign of the true value. Results of functions along an axis are
within 0.501 ulp; so are products with their Jacobians, `actcli.vjp`, up to 2**-66 of the sizes of the terms that are
added.

An ulp, unit in the last place, is the distance between the numbers of the dtype around the true value. Results do not
depend on array length or machine. NaN gives NaN, and infinities give the limit. A number, typed or from a file,
stands for the nearest value of the dtype. `--numerics tensorflow2` gives the digits of the Keras tutorial instead,
for the functions whose output it prints: those of TensorFlow 2 on a processor with fused multiply-add.

How it works: results of up to 32 bits are computed in float64, with a proven error bound. Where the bound leaves two
candidates, for most functions a few times in a million, the same code runs again in three more kinds of arithmetic,
each slower than the one before, until one candidate is left: double-double (pairs of float64, good for 70 bits), balls
(pairs with an exponent of their own and a measured error, which recognise ties and neither overflow nor underflow), and
intervals of as many bits as it takes. float64 results, and those along an axis, begin with double-double arithmetic.

## float32

Each function, with its default parameters or, where some are required, those given in the table, goes through two
checks:

1. The float64 path, with its error bound, evaluates all {swept:,} float32 inputs. "Undecided" counts the inputs where
   the bound leaves two float32 candidates, most of them at or next to a tie: they are evaluated again with more
   digits. "Wrong" counts the inputs where a number becomes NaN or NaN a number and, where the library computes
   directly in float32, those where that differs from the rounded float64 result. exp, expm1, log1p and tanh come from
   the library's lookup tables, as on processors for which NumPy has no vector code: their error is the larger one,
   and the bound covers both.
2. MPFR evaluates the formula as it is written, with at least 400 bits, and its derivative by the chain rule: at
   {spread:,} inputs each, spread evenly over the bit patterns of either sign up to 2**28 and, one in a hundred,
   beyond; at up to {nearest:,} inputs whose results lie nearest to a rounding boundary; and at the undecided inputs,
   or {kept:,} spread over them. Kinks, where a formula has no derivative, are left out, and ties beyond 2**23 that
   e**-abs(x) decides, for which it has too few bits.

{verdict}

{float32}

## float64

Each function with the same parameters, at {wide:,} inputs for values and for derivatives: of all sizes, ordinary ones,
and those where exponentials come to the ends of their range, against MPFR as above. "Wrong" counts results that are
not the exact value, rounded. NumPy's are those of the formula as `actcli info` gives it, step by step; SciPy has
functions of its own for four. PyTorch and JAX have the same parameters; their derivatives come from automatic
differentiation. The errors of others exclude subnormal inputs and true values. A result of 0 in place of a normal
number is off by 4.5e15 to 9.0e15 ulp; "inf" and "nan" mean such a result where the true value is finite.

{float64}

## The small formats

{dtypes}

## Other parameters

Each function with parameters drawn at random, the smallest and largest numbers of the dtype among them, at numbers of
all sizes and at 50 neighbours on either side of every root and kink, against MPFR; a function without parameters has
one setting. Left out are kinks, the same ties, and exponentials beyond 2**(2**30), which are infinite to MPFR. The
signs of zeros are not compared.

{drawn}

## Along an axis

In float32, with default parameters, over random rows of 2 to 24 numbers with standard deviations of 0.1, 3 and 30.

{rows}

## Frameworks

What `actcli audit` finds: each function is called by the line of code that `actcli info` shows, and held against its
framework's own definition and defaults, with 0.5 for parameters without default; derivatives come from automatic
differentiation. A cell has the largest distance among normal numbers, in steps (see [check.md](check.md)), and
the faults: zero where a normal number is due, infinite where a finite one is due, NaN where a number is due
(nan) or, for values, a number where NaN is due (not_nan), the wrong sign, results that turn back where the function
does not (not_monotone). "-" where a framework lacks the function or does not run it in that dtype.

{audit}

## Older than the code

Each measurement records fingerprints of the code it measured: the activation's class with everything it uses from the
catalogue, and everything it rests on of the shared numerics, ignoring comments, docstrings and layout. For the
following, the code has changed since, its fingerprint is unknown, or nothing has been measured yet:

{stale}

## Reproduce

```sh
pip install -e '.[dev]' scipy torch jax onnx onnxruntime keras tensorflow tf_keras
python tests/reference/regenerate.py --stale  # what is older than the code
python tests/reference/regenerate.py --tiny  # float4 to float8, but for two of float8, of all functions: minutes
python tests/reference/regenerate.py NAME  # small formats and float64, in minutes
export NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"  # use the lookup tables even where NumPy has vector code
python tests/reference/regenerate.py NAME --sweep  # all float32 inputs as well; without NAME for every function
python tests/reference/prove_rounding.py --record  # other parameters: hours
actcli audit --format json --output tests/evidence/audit.json  # frameworks: half an hour
python tests/reference/write_docs.py  # makes this page
```

What is not installed keeps its earlier measurements. The results are in `tests/evidence`, a file for each function
and `audit.json`, with which `actcli audit --compare` compares what you have installed.

Measured on:

{measured}
"""
