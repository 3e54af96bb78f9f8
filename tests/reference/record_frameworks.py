"""Record what a framework returns, bit for bit, for every activation it has.

Run: python tests/reference/record_frameworks.py FRAMEWORK
FRAMEWORK is keras-tensorflow, keras-jax, keras-torch, torch, jax, onnx-reference, onnxruntime, keras2, flax, mlx, ggml
or transformers.
Writes tests/golden/frameworks/FRAMEWORK.csv: one row per input, with the bits of float32 input and output in
hexadecimal; for functions along an axis, the words of a whole row of numbers. Each function runs with the framework's
own defaults first (parameters empty; comments on top name those, as actcli does), then with some other settings.
Inputs go in as one array, on the CPU, eagerly. Derivatives come from the framework's automatic differentiation, with a
cotangent of ones. A NaN keeps the bits it came with.
Needs NumPy and the framework, not actcli; for keras2 that is TensorFlow 2.4.1, hence a script that Python 3.8 runs:
pip install tensorflow==2.4.1 "protobuf<3.20"
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # tests, as a package, would need actcli

from frameworks import flax, ggml, jax, keras, mlx, onnx, torch, transformers
from frameworks.entry import Framework, Function
from frameworks.inputs import inputs, rows

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "frameworks"


FRAMEWORKS = {
    "keras-tensorflow": keras.keras_tensorflow,
    "keras-jax": keras.keras_jax,
    "keras-torch": keras.keras_torch,
    "torch": torch.torch,
    "jax": jax.jax,
    "onnx-reference": onnx.onnx_reference,
    "onnxruntime": onnx.onnxruntime,
    "keras2": keras.keras2,
    "flax": flax.flax,
    "mlx": mlx.mlx,
    "ggml": ggml.ggml,
    "transformers": transformers.transformers,
}


def bits(numbers: np.ndarray) -> list[str]:
    """Return the bits of each number, or of each row of numbers, in hexadecimal."""
    words = np.ascontiguousarray(numbers).view(np.uint32)
    return [" ".join(f"{word:08x}" for word in np.atleast_1d(row)) for row in words]


def text(parameters: dict[str, Any]) -> str:
    """Return parameters as the files write them, such as negative_slope=0.1;threshold=1."""
    return ";".join(f"{name}={setting}" for name, setting in parameters.items())


def recorded(framework: Framework, name: str, entry: Function, x: np.ndarray, kinds: dict[str, Any]) -> list[str]:
    """Return the lines of one function, each setting first by its values and then by its derivatives."""
    lines = []
    for setting in ([] if entry.defaults is None else [{}]) + list(entry.others):
        for kind, run in kinds.items():
            y = run(lambda point, given=setting: entry.call(point, **given), x)
            if y.dtype != np.float32 or len(y) != len(x):
                raise SystemExit(f"{name}: {len(y)} rows of {y.dtype}")
            answers = bits(y)
            lines += [f"{name},{text(setting)},{kind},{point},{answers[i]}" for i, point in enumerate(bits(x))]
    if entry.defaults and bits(framework.value(lambda point: entry.call(point, **entry.defaults), x)) != bits(
        framework.value(entry.call, x)
    ):
        raise SystemExit(f"{name}: its defaults are not {text(entry.defaults)}")
    return lines


def vector_instructions() -> list[str]:
    """Return which of the extensions this processor has that choose a framework's kernels, where Linux tells."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text().split() if cpu.exists() else []
    return [flag for flag in ("avx", "avx2", "fma", "avx512f") if flag in flags]


def record(name: str) -> list[str]:
    """Return the lines of a framework's file."""
    framework = FRAMEWORKS[name]()
    packages = ", ".join(
        f"{package} {importlib.metadata.version(package)}" for package in (*framework.packages, "numpy")
    )
    lines = [
        f"# {packages}; Python {platform.python_version()}",
        f"# {platform.system()} {platform.machine()}{''.join(f' {flag}' for flag in vector_instructions())}",
        f"# Recorded {datetime.date.today()} by: python tests/reference/record_frameworks.py {name}",
        *(f"# {note}" for note in framework.notes),
    ]
    everything = {**framework.elementwise, **framework.along_axis}
    for function, entry in everything.items():
        known = {**(entry.defaults or {}), **entry.fixed}
        lines += [f"# {'Fixed' if entry.fixed else 'Default'} in {function}: {text(known)}"] if known else []
    lines.append("function,parameters,kind,x,y")
    both = {"value": framework.value, "derivative": framework.derivative}
    kinds = {kind: run for kind, run in both.items() if run}
    for function, entry in framework.elementwise.items():
        lines += recorded(framework, function, entry, inputs(), kinds)
    for function, entry in framework.along_axis.items():
        lines += recorded(framework, function, entry, rows(), {"value": framework.value})
    return lines


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("framework", choices=FRAMEWORKS, metavar="FRAMEWORK")
    name = parser.parse_args().framework
    os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
    os.environ.update(CUDA_VISIBLE_DEVICES="-1", JAX_PLATFORMS="cpu", TF_CPP_MIN_LOG_LEVEL="2")
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    lines = record(name)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    path = GOLDEN / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {sum(not line.startswith('#') for line in lines) - 1} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
