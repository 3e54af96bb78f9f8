"""A library among libraries: importing and calling it changes nothing in its user's process."""

import subprocess
import sys

PROGRAM = """
import decimal, gc, json, locale, os, random, signal, sys, threading, warnings

import ml_dtypes, mpmath, numpy as np, polars

mpmath.mp.prec, mpmath.iv.prec = 71, 72
np.seterr(over="raise")
np.set_printoptions(precision=3)
decimal.getcontext().prec = 3
decimal.getcontext().traps[decimal.FloatOperation] = True
random.seed(1)
np.random.seed(1)


def state():
    umask = os.umask(0o022)
    os.umask(umask)
    context = decimal.getcontext()
    return {
        "mpmath": [mpmath.mp.prec, mpmath.mp.dps, mpmath.iv.prec, mpmath.iv.dps],
        "NumPy": [np.geterr(), {name: str(value) for name, value in np.get_printoptions().items()}],
        "polars": polars.Config.state(),
        "decimal": [context.prec, context.rounding, [str(flag) for flag, raised in context.flags.items() if raised]],
        "signals": {int(number): str(signal.getsignal(number)) for number in signal.valid_signals()},
        "umask": umask,
        "gc": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.get_debug()],
        "environment": dict(os.environ),
        "warnings": [str(filter) for filter in warnings.filters],
        "locale": locale.setlocale(locale.LC_ALL),
        "random": [str(random.getstate()), str(np.random.get_state())],
        "interpreter": [sys.getswitchinterval(), sys.getrecursionlimit(), str(sys.excepthook), sys.path, os.getcwd()],
        "streams": [str(sys.stdin), str(sys.stdout), str(sys.stderr)],
        "threads": threading.active_count(),
    }


def changed(moment):
    now = state()
    return [(moment, name, before[name], now[name]) for name in before if now[name] != before[name]]


before = state()
import actcli
actcli.activations()
found = changed("import")
from actcli.activation import Elementwise
from actcli.numerics import dtypes
from actcli.registry import registered
from actcli.parameters import REQUIRED

hard = [-641.0, -5121.0, 0.0, -0.0, np.inf, -np.inf, np.nan, -700.5, 3.4e38, 1e-45, 0.3, -2.1]
all_hard = hard
for activation in registered():
    needed = {name: 0.5 for name, p in activation.parameters.items() if p.default is REQUIRED}
    for dtype, format in dtypes.FORMATS.items():
        low, high = activation.domain
        few = [x for x in (0.5, -0.0, 0.3, 0.875, 3.4e38, np.inf, 0.1, 0.75) if low <= x <= high]
        hard = all_hard if dtypes.has_nan(format) else few[:6]
        actcli.evaluate(activation.name, hard, dtype=dtype, **needed)
        if issubclass(activation, Elementwise):
            actcli.derivative(activation.name, hard, dtype=dtype, **needed)
            g = hard if dtypes.has_nan(format) else [1.0] * len(hard)
            actcli.vjp(activation.name, hard, g, dtype=dtype, **needed)
        else:
            half = actcli.evaluate(activation.name, hard, dtype=dtype).shape[0]
            actcli.vjp(activation.name, hard, hard[:half], dtype=dtype)
actcli.evaluate("relu", ["0.1", "1.00000005960464477539062500001", "1e-5000"])
actcli.evaluate("gelu", np.linspace(-9, 9, 2**20, dtype=np.float32))
try:
    actcli.evaluate("relu", ["a"], dialect="jax")
except actcli.ActcliError:
    pass
assert "actcli.numerics.intervals" in sys.modules, "no hard case was among them"
print(json.dumps(found + changed("calls")))
"""


def test_importing_and_calling_change_nothing_in_the_process():
    """Precision, error handling, signals, umask, garbage collection, environment ... with every function and dtype."""
    run = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True)
    assert run.stderr == ""
    assert run.stdout == "[]\n"
