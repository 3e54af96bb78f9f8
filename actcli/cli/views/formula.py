"""Formulas as people write them: in plain text, and in LaTeX."""

import ast
from collections.abc import Callable, Mapping

_OPERATORS: Mapping[type, str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Is: "=",
    ast.IsNot: "!=",
    ast.And: "and",
    ast.Or: "or",
}
_LATEX_OPERATORS = {">=": r"\ge", "<=": r"\le", "!=": r"\ne", "and": r"\text{ and }", "or": r"\text{ or }"}
_GREEK = {"alpha", "beta", "mu", "sigma", "tau", "theta", "pi"}
_FUNCTIONS = {"max", "min", "log", "tanh", "cosh"}
_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 6)  # what binds tighter is greater


def to_text(formula: str) -> str:
    """Return a formula, an expression of Python, as people type it: ``x if x > 0, else 0.2 x`` or ``e^-x``."""
    try:
        return _Text().convert(formula)
    except SyntaxError:  # "by value: ...; by gate: ..." is prose
        return formula


def to_latex(formula: str) -> str:
    """Return a formula, an expression of Python, in LaTeX; alternatives become cases."""
    return _Latex().convert(formula)


class _Text(ast.NodeVisitor):
    """Writes an expression; each visit returns its text and how tightly that binds."""

    def convert(self, formula: str) -> str:
        return self.write(ast.parse(formula, mode="eval").body)

    def write(self, node: ast.AST, least: int = 0) -> str:
        text, binding = self.visit(node)
        return text if binding >= least else self.group(text)

    def group(self, text: str) -> str:
        return f"({text})"

    def visit_Constant(self, node: ast.Constant) -> tuple[str, int]:
        value = node.value
        return f"{value:.5g}" if isinstance(value, float) else str(value).lower(), _ATOM

    def visit_Name(self, node: ast.Name) -> tuple[str, int]:
        return node.id, _ATOM

    def visit_Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        return f"{self.write(node.value, _ATOM)}[{self.write(node.slice)}]", _ATOM

    def visit_UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        operand, binding = self.visit(node.operand)
        if binding < _PRODUCT:
            operand, binding = self.group(operand), _ATOM
        return f"-{operand}", min(binding, _UNARY)  # in e^-x y the exponent is -x

    def visit_BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        return {
            ast.Add: self.write_sum,
            ast.Sub: self.write_sum,
            ast.Mult: self.write_product,
            ast.Div: self.write_quotient,
            ast.Pow: self.write_power,
        }[type(node.op)](node)

    def write_sum(self, node: ast.BinOp) -> tuple[str, int]:
        sign = "+" if isinstance(node.op, ast.Add) else "-"
        return f"{self.write(node.left, _SUM)} {sign} {self.write(node.right, _PRODUCT)}", _SUM

    def write_product(self, node: ast.BinOp) -> tuple[str, int]:
        return f"{self.write(node.left, _PRODUCT)} {self.write(node.right, _POWER)}", _PRODUCT

    def write_quotient(self, node: ast.BinOp) -> tuple[str, int]:
        short = isinstance(node.left, ast.Constant | ast.Name) and isinstance(node.right, ast.Constant | ast.Name)
        slash = "/" if short else " / "
        return f"{self.write(node.left, _PRODUCT)}{slash}{self.write(node.right, _POWER)}", _PRODUCT

    def write_power(self, node: ast.BinOp) -> tuple[str, int]:
        return f"{self.write(node.left, _ATOM)}^{self.write(node.right, _UNARY)}", _POWER

    def visit_Call(self, node: ast.Call) -> tuple[str, int]:
        name, arguments = self.write(node.func), node.args
        if name == "exp":
            return f"e^{self.write(arguments[0], _UNARY)}", _POWER
        if name == "abs":
            return f"|{self.write(arguments[0])}|", _ATOM
        return f"{name}({', '.join(map(self.write, arguments))})", _ATOM

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> tuple[str, int]:
        return self.write(node.elt), _SUM

    def visit_IfExp(self, node: ast.IfExp) -> tuple[str, int]:
        return f"{self.write(node.body, _SUM)} if {self.write(node.test)}, else {self.write(node.orelse)}", 0

    def visit_Compare(self, node: ast.Compare) -> tuple[str, int]:
        parts = [self.write(node.left, _SUM)]
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts += [self.operator(operator), self.write(right, _SUM)]
        return " ".join(parts), 0

    def visit_BoolOp(self, node: ast.BoolOp) -> tuple[str, int]:
        return f" {self.operator(node.op)} ".join(map(self.write, node.values)), 0

    def operator(self, node: ast.AST) -> str:
        return _OPERATORS[type(node)]

    def generic_visit(self, node: ast.AST) -> tuple[str, int]:
        return ast.unparse(node), _ATOM


class _Latex(_Text):
    """Writes an expression in LaTeX."""

    def group(self, text: str) -> str:
        return rf"\left({text}\right)"

    def visit_Name(self, node: ast.Name) -> tuple[str, int]:
        if node.id in _GREEK:
            return rf"\{node.id}", _ATOM
        return (node.id if len(node.id) == 1 else rf"\mathrm{{{node.id}}}".replace("_", r"\_")), _ATOM

    def visit_Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        return f"{self.write(node.value, _ATOM)}_{{{self.write(node.slice)}}}", _ATOM

    def write_product(self, node: ast.BinOp) -> tuple[str, int]:
        dot = r" \cdot " if isinstance(node.right, ast.Constant) else r"\, "
        return f"{self.write(node.left, _PRODUCT)}{dot}{self.write(node.right, _POWER)}", _PRODUCT

    def write_quotient(self, node: ast.BinOp) -> tuple[str, int]:
        return rf"\frac{{{self.write(node.left)}}}{{{self.write(node.right)}}}", _PRODUCT

    def write_power(self, node: ast.BinOp) -> tuple[str, int]:
        return f"{self.write(node.left, _ATOM)}^{{{self.write(node.right)}}}", _POWER

    def visit_Call(self, node: ast.Call) -> tuple[str, int]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        inner = ", ".join(map(self.write, node.args))
        special: dict[str, Callable[[str], tuple[str, int]]] = {
            "exp": lambda text: (f"e^{{{text}}}", _POWER),
            "abs": lambda text: (rf"\left|{text}\right|", _ATOM),
            "sqrt": lambda text: (rf"\sqrt{{{text}}}", _ATOM),
            "sum": lambda text: (rf"\sum_j {text}", _PRODUCT),
            "Phi": lambda text: (rf"\Phi\left({text}\right)", _ATOM),
        }
        if name in special:
            return special[name](inner)
        function = rf"\{name}" if name in _FUNCTIONS else rf"\operatorname{{{name}}}".replace("_", r"\_")
        return rf"{function}\left({inner}\right)", _ATOM

    def visit_IfExp(self, node: ast.IfExp) -> tuple[str, int]:
        rows, rest = [], ast.AST()
        rest = node
        while isinstance(rest, ast.IfExp):
            rows.append(rf"{self.write(rest.body)} & \text{{if }} {self.write(rest.test)} \\")
            rest = rest.orelse
        rows.append(rf"{self.write(rest)} & \text{{otherwise}}")
        return rf"\begin{{cases}} {' '.join(rows)} \end{{cases}}", _PRODUCT

    def operator(self, node: ast.AST) -> str:
        return _LATEX_OPERATORS.get(_OPERATORS[type(node)], _OPERATORS[type(node)])
