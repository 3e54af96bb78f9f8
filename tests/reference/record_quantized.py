"""Record what ONNX Runtime gives for every 8-bit code.

Run: python tests/reference/record_quantized.py, where onnx and onnxruntime are installed. Operators on floats are put
between DequantizeLinear and QuantizeLinear; the others take codes themselves. tests/test_quantized.py compares the
exact tables with the file.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parents[1] / "golden" / "quantized_onnxruntime.json"
ON_FLOATS = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.1}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
    "elu": ("Elu", {"alpha": 1.0}),
    "gelu": ("Gelu", {}),
    "softplus": ("Softplus", {}),
    "logit": (None, {}),
}
"""The activation, the operator and its attributes; logit, made of several operators, is NaN for most codes."""
ON_CODES = {"sigmoid": ("QLinearSigmoid", {}), "leaky_relu": ("QLinearLeakyRelu", {"alpha": 0.1})}
PARAMETERS = {"leaky_relu": {"negative_slope": 0.1}}
"""Those of an activation that are not its defaults in ONNX."""
SETTINGS = [
    ("int8", 0.0625, 0, 0.00390625, -128),
    ("int8", 0.1, 3, 0.0078125, 1),
    ("int8", 0.05, -17, 0.013, 5),
    ("int8", 0.25, 0, 0.5, 1),
    ("uint8", 0.0625, 128, 0.00390625, 0),
    ("uint8", 0.047, 100, 0.02, 31),
]
"""The dtype of the codes, then scale and zero point of the input and of the results; some make ties of relu."""


def make_nodes(operator: str | None, attributes: dict[str, float], *, on_codes: bool) -> list[Any]:
    """Return the nodes from the codes q to the codes r."""
    from onnx import helper

    if on_codes:
        names = ["q", "s", "z", "t", "w"]
        return [helper.make_node(operator, names, ["r"], domain="com.microsoft", **attributes)]
    inner = [helper.make_node(operator, ["x"], ["y"], **attributes)] if operator else []
    if operator is None:
        inner = [
            helper.make_node("Sub", ["one", "x"], ["rest"]),
            helper.make_node("Div", ["x", "rest"], ["odds"]),
            helper.make_node("Log", ["odds"], ["y"]),
        ]
    first = helper.make_node("DequantizeLinear", ["q", "s", "z"], ["x"])
    return [first, *inner, helper.make_node("QuantizeLinear", ["y", "t", "w"], ["r"])]


def run(nodes: list[Any], setting: tuple[Any, ...]) -> list[int]:
    """Return the results for all codes, in ascending order."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    dtype, scale, zero_point, output_scale, output_zero_point = setting
    limits = np.iinfo(dtype)
    q = np.arange(limits.min, limits.max + 1).astype(dtype)
    constants = {"s": np.float32(scale), "z": np.array(zero_point, dtype), "one": np.float32(1)}
    constants |= {"t": np.float32(output_scale), "w": np.array(output_zero_point, dtype)}
    used = {name for node in nodes for name in node.input}
    code_type = getattr(TensorProto, dtype.upper())
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("q", code_type, q.shape)],
        [helper.make_tensor_value_info("r", code_type, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items() if name in used],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    options = onnxruntime.SessionOptions()
    # Else the runtime replaces what stands between the two by an operator on codes.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [int(code) for code in session.run(None, {"q": q})[0]]


def record() -> dict[str, Any]:
    """Return the versions, and what each operator gives for each setting."""
    import onnx
    import onnxruntime

    results = [
        {
            "function": name,
            "operator": operator or "Log(x / (1 - x))",
            "parameters": PARAMETERS.get(name, {}),
            "setting": list(setting),
            "codes": run(make_nodes(operator, attributes, on_codes=operators is ON_CODES), setting),
        }
        for operators in (ON_FLOATS, ON_CODES)
        for name, (operator, attributes) in operators.items()
        for setting in SETTINGS
    ]
    return {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "results": results}


if __name__ == "__main__":
    found = record()
    lines = [json.dumps(result) for result in found.pop("results")]
    RECORDED.write_text(json.dumps(found)[:-1] + ', "results": [\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(lines)} tables: {RECORDED}")
