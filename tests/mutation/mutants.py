"""What can be broken in a source file: one small change each, found by walking its syntax tree.

Left alone: annotations, docstrings, texts of messages, `__repr__`, `__slots__`, `__all__`, imports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

Edit = Callable[[], None]


@dataclass(frozen=True)
class Mutant:
    """One change: `edit` makes it, in place, in the tree that the mutant was found in."""

    line: int
    column: int
    scope: str
    what: str
    edit: Edit

    @property
    def key(self) -> str:
        """What the mutant is called in a list: where, and what."""
        return f"{self.line}: {self.scope}: {self.what}"


COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
SWAPPED_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
DROPPED_CALLS = ("abs", "reversed", "sorted")
UNTOUCHED_TARGETS = ("__slots__", "__all__")
UNTOUCHED_KEYWORDS = ("text", "slots", "frozen", "kw_only", "gc", "tag", "omit_defaults", "cache_hash", "array_like")


def find_mutants(tree: ast.Module, enums: dict[str, type[Enum]]) -> list[Mutant]:
    """Return every mutant of `tree`, in the order of the source.

    Args:
        tree: the parsed file.
        enums: enumerations by name; their members are swapped for the next one.

    """
    finder = _Finder(enums, _aliases(tree, enums))
    finder.block(tree.body)
    return sorted(finder.found, key=lambda mutant: (mutant.line, mutant.column, mutant.what))


def _aliases(tree: ast.Module, enums: dict[str, type[Enum]]) -> dict[str, str]:
    """Return for each module name that is bound to an enum member the next such name of the same enum."""
    groups: dict[str, list[str]] = {}
    for statement in tree.body:
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            pairs = [(target, statement.value)]
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                pairs = list(zip(target.elts, statement.value.elts, strict=False))
            for name, value in pairs:
                owner = _enum_of(value, enums)
                if isinstance(name, ast.Name) and owner is not None:
                    groups.setdefault(owner, []).append(name.id)
    return {
        name: names[(index + 1) % len(names)]
        for names in groups.values()
        for index, name in enumerate(names)
        if len(names) > 1
    }


def _enum_of(value: ast.expr, enums: dict[str, type[Enum]]) -> str | None:
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        owner = value.value.id
        if owner in enums and value.attr in enums[owner].__members__:
            return owner
    return None


class _Finder:
    """Collects mutants; each method is about one kind of node."""

    def __init__(self, enums: dict[str, type[Enum]], aliases: dict[str, str]) -> None:
        self.enums = enums
        self.aliases = aliases
        self.found: list[Mutant] = []
        self.scope: list[str] = []

    def add(self, node: ast.expr | ast.stmt, what: str, edit: Edit) -> None:
        scope = ".".join(self.scope) or "module"
        self.found.append(Mutant(node.lineno, node.col_offset, scope, what, edit))

    def within(self, name: str, body: list[ast.stmt]) -> None:
        self.scope.append(name)
        self.block(body)
        self.scope.pop()

    # -- statements --------------------------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> None:
        for index, statement in enumerate(body):
            if _can_go(statement):
                self.add(statement, f"removed `{_short(statement)}`", _putter(body, index, ast.Pass()))
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.name != "__repr__":
                    for default in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
                        self.expression(default)
                    self.within(node.name, node.body)
            case ast.ClassDef():
                self.within(node.name, node.body)
            case ast.If() | ast.While():
                self.condition(node)
                self.block(node.body)
                self.block(node.orelse)
            case ast.For() | ast.AsyncFor():
                self.expression(node.iter)
                self.block(node.body)
                self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expression(item.context_expr)
                self.block(node.body)
            case ast.Try():
                for part in (node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)):
                    self.block(part)
            case ast.Return(value=ast.expr() as value):
                if not (isinstance(value, ast.Constant) and value.value is None):
                    self.add(node, f"return None for `{_short(value)}`", _setter(node, "value", ast.Constant(None)))
                self.expression(value)
            case ast.AugAssign():
                self.operator(node)
                self.expression(node.value)
            case ast.Assign():
                if not any(isinstance(one, ast.Name) and one.id in UNTOUCHED_TARGETS for one in node.targets):
                    self.expression(node.value)
            case ast.AnnAssign(value=ast.expr() as value):
                self.expression(value)
            case ast.Expr(value=value) if not isinstance(value, ast.Constant):
                self.expression(value)
            case ast.Raise() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child)

    def condition(self, node: ast.If | ast.While | ast.IfExp) -> None:
        short = _short(node.test)
        if not isinstance(node, ast.While):
            self.add(node.test, f"always `{short}`", _setter(node, "test", ast.Constant(True)))
        self.add(node.test, f"never `{short}`", _setter(node, "test", ast.Constant(False)))
        self.expression(node.test)

    def operator(self, node: ast.AugAssign | ast.BinOp) -> None:
        other = ARITHMETIC.get(type(node.op))
        if other is not None:
            what = f"{_sign(node.op)} -> {_sign(other())} in `{_short(node)}`"
            self.add(node, what, _setter(node, "op", other()))

    # -- expressions -------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> None:
        self.names(node)
        match node:
            case ast.JoinedStr():
                return  # the text of a message
            case ast.Compare():
                for index, op in enumerate(node.ops):
                    for other in COMPARISONS[type(op)]:
                        what = f"{_sign(op)} -> {_sign(other())} in `{_short(node)}`"
                        self.add(node, what, _putter(node.ops, index, other()))
            case ast.BoolOp():
                swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                what = f"{_sign(node.op)} -> {_sign(swapped)} in `{_short(node)}`"
                self.add(node, what, _setter(node, "op", swapped))
                for index, part in enumerate(node.values):
                    neutral = ast.Constant(isinstance(node.op, ast.And))
                    self.add(part, f"without `{_short(part)}`", _putter(node.values, index, neutral))
            case ast.UnaryOp(op=ast.Not()):
                self.add(node, f"no not in `{_short(node)}`", _setter(node, "op", _Truth()))
            case ast.UnaryOp(op=ast.USub()):
                self.add(node, f"no minus in `{_short(node)}`", _setter(node, "op", ast.UAdd()))
            case ast.BinOp():
                self.operator(node)
            case ast.Constant():
                self.constant(node)
            case ast.IfExp():
                self.condition(node)
                self.expression(node.body)
                self.expression(node.orelse)
                return
            case ast.Dict():
                for index, key in enumerate(node.keys):
                    if key is not None:
                        what = f"no entry `{_short(key)}`"
                        self.add(key, what, _dropper(node.keys, node.values, index))
            case ast.Tuple() | ast.List() | ast.Set() if len(node.elts) > 1 and _are_names(node.elts):
                for index, element in enumerate(node.elts):
                    self.add(element, f"no element `{_short(element)}`", _dropper(node.elts, None, index))
            case ast.Call():
                self.call(node)
        for child in _children(node):
            self.expression(child)

    def names(self, node: ast.expr) -> None:
        owner = _enum_of(node, self.enums)
        if owner is not None and isinstance(node, ast.Attribute):
            members = list(self.enums[owner].__members__)
            other = members[(members.index(node.attr) + 1) % len(members)]
            self.add(node, f"{owner}.{node.attr} -> {other}", _setter(node, "attr", other))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.aliases:
            self.add(node, f"{node.id} -> {self.aliases[node.id]}", _setter(node, "id", self.aliases[node.id]))

    def constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.add(node, f"{value} -> {not value}", _setter(node, "value", not value))
        elif isinstance(value, int):
            self.add(node, f"{value} -> {value + 1}", _setter(node, "value", value + 1))
        elif isinstance(value, str) and value and " " not in value:
            self.add(node, f"{value!r} -> 'XX{value}'", _setter(node, "value", f"XX{value}"))

    def call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in SWAPPED_NAMES:
                self.add(node, f"{name} -> {SWAPPED_NAMES[name]}", _setter(node.func, "id", SWAPPED_NAMES[name]))
            elif name in DROPPED_CALLS and node.args:
                self.add(node, f"no {name}() around `{_short(node.args[0])}`", _setter(node.func, "id", "__same__"))
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg in (None, *UNTOUCHED_KEYWORDS) or isinstance(value, ast.Constant | ast.JoinedStr):
                continue
            self.add(value, f"{keyword.arg}=None for `{_short(value)}`", _setter(keyword, "value", ast.Constant(None)))


class _Truth(ast.Not):
    """Marks a `not` that is to go; `plain` turns it into a plain truth value."""


def plain(tree: ast.Module) -> ast.Module:
    """Return `tree` ready to compile: the marks that edits left are replaced."""
    _Unmark().visit(tree)
    return ast.fix_missing_locations(tree)


class _Unmark(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, _Truth):
            return ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), node.operand))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "__same__":
            return node.args[0]
        return node


def _children(node: ast.expr) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.keyword):
            if child.arg not in UNTOUCHED_KEYWORDS:
                yield child.value
        elif isinstance(child, ast.comprehension):
            yield child.iter
            yield from child.ifs


def _can_go(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr() | ast.AugAssign() | ast.Delete() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Assign():
            return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return False


def _are_names(elements: list[ast.expr]) -> bool:
    loads = [one for one in elements if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Load)]
    return len(loads) == len(elements)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


_SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.And: "and",
    ast.Or: "or",
}


def _sign(op: ast.AST) -> str:
    return _SIGNS[type(op)]


def _setter(node: ast.AST, field: str, value: object) -> Edit:
    return lambda: setattr(node, field, value)


def _putter(items: list[ast.stmt] | list[ast.expr] | list[ast.cmpop], index: int, value: ast.AST) -> Edit:
    def edit() -> None:
        items[index] = value  # type: ignore[call-overload]  # each caller puts what its list holds

    return edit


def _dropper(items: list[ast.expr] | list[ast.expr | None], twins: list[ast.expr] | None, index: int) -> Edit:
    def edit() -> None:
        del items[index]
        if twins is not None:
            del twins[index]

    return edit
