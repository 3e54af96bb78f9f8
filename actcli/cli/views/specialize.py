"""The formula of an activation with values in place of its parameters, such as those of a model."""

import ast
from collections.abc import Mapping


def specialize(formula: str, values: Mapping[str, object]) -> str:
    """Return a formula, an expression of Python, with the values in it, without the alternatives they rule out."""
    return ast.unparse(_Specializer(values).visit(ast.parse(formula, mode="eval")))


class _Specializer(ast.NodeTransformer):
    """Puts constants in place of names, and drops what they leave without effect."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.values.get(node.id, node)
        return ast.Constant(value) if value is None or isinstance(value, bool | int | float) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            chosen: ast.expr = self.visit(node.body if test.value else node.orelse)
            return chosen
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        node = ast.Compare(self.visit(node.left), node.ops, [self.visit(each) for each in node.comparators])
        if isinstance(node.ops[0], ast.Is) and isinstance(node.left, ast.Constant):
            return ast.Constant(node.left.value is None)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left: ast.expr = self.visit(node.left)
        right: ast.expr = self.visit(node.right)
        neutral = 0 if isinstance(node.op, ast.Add | ast.Sub) else 1  # of a product, a quotient and a power
        if _is(right, neutral):
            return left
        if isinstance(node.op, ast.Mult) and _is(left, 1):
            return right
        if isinstance(node.op, ast.Mult) and isinstance(left, ast.UnaryOp) and _is(left.operand, 1):
            return ast.UnaryOp(left.op, right)
        return ast.BinOp(left, node.op, right)


def _is(node: ast.expr, number: float) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, bool) and node.value == number
