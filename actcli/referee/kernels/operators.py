"""Operators of ONNX, each as a model of one node that ONNX Runtime runs."""

import ast
import importlib
from typing import Any

import numpy as np

from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.failures import CallError
from actcli.referee.kernels.frameworks import Compute
from actcli.referee.kernels.loading import parse_keywords
from actcli.referee.kernels.words import Code

_TYPES = {
    "float4_e2m1fn": "FLOAT4E2M1",
    "float8_e4m3fn": "FLOAT8E4M3FN",
    "float8_e4m3fnuz": "FLOAT8E4M3FNUZ",
    "float8_e5m2": "FLOAT8E5M2",
    "float8_e5m2fnuz": "FLOAT8E5M2FNUZ",
    "float16": "FLOAT16",
    "bfloat16": "BFLOAT16",
    "float32": "FLOAT",
    "float64": "DOUBLE",
}
_OWN_DOMAIN = "com.microsoft"
_ONLY_FATAL = 4  # of the levels of ONNX Runtime's log


def load_operator(code: Code, options: KernelOptions) -> Compute:
    """Return a line such as ``Elu(x, alpha=1.0)`` or ``Tanh`` as a function.

    Raises:
        CallError: for a derivative, which ONNX Runtime does not compute, and for an activation within an operator.
        Exception: whatever ONNX Runtime raises where it lacks the operator or the type.

    """
    if code.differentiate:
        raise CallError("has no derivative: ONNX Runtime does not differentiate", by_input=False)
    runtime = importlib.import_module("onnxruntime")
    runtime.set_default_logger_severity(_ONLY_FATAL)
    model = build_model(code.name, options)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda inputs: np.asarray(session.run(None, {"x": np.ascontiguousarray(inputs)})[0])


def build_model(line: str, options: KernelOptions) -> Any:
    """Return the model of one node that a line names.

    Its first argument is the input; other arguments are constants, whose values are among the keyword arguments of the
    options, and its keywords are attributes.

    Raises:
        CallError: if the operator needs other inputs.

    """
    onnx = importlib.import_module("onnx")
    tree = ast.parse(line, mode="eval").body
    call = tree if isinstance(tree, ast.Call) else ast.Call(tree, [ast.Name("x")], [])
    first, *others = (ast.unparse(argument) for argument in call.args)
    given = parse_keywords(options.with_)
    if needed := [name for name in (first, *others) if name not in {"x", *given}]:
        raise CallError(f"is no operator of x alone: it takes {', '.join(needed)}", by_input=False)
    domain, _, operator = ast.unparse(call.func).rpartition(".")
    attributes = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    if options.dtype.name not in _TYPES:
        raise CallError(f"does not run: ONNX has no {options.dtype.name}", by_input=False)
    type_ = getattr(onnx.TensorProto, _TYPES[options.dtype.name])
    constants = [onnx.helper.make_tensor(name, type_, [], [given[name]]) for name in others]
    x, y = (onnx.helper.make_tensor_value_info(name, type_, None) for name in ("x", "y"))
    node = onnx.helper.make_node(operator, [first, *others], ["y"], domain=domain, **attributes)
    graph = onnx.helper.make_graph([node], "one_node", [x], [y], constants)
    # Where the operator is defined by others, they are looked for in the set in which it came.
    version = onnx.defs.onnx_opset_version() if domain else onnx.defs.get_schema(operator).since_version
    opsets = [onnx.helper.make_opsetid("", version), onnx.helper.make_opsetid(_OWN_DOMAIN, 1)]
    return onnx.helper.make_model(graph, opset_imports=opsets)
