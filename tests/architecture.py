"""How the house is read: each rule looks at the syntax tree of one module and gives what breaks it, as "line: what"."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
ROW_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}
#: Querysets that say whose rows they give.
SCOPES = {"visible_to", "listed", "readable_by", "kept_by", "none"}
#: Where statuses are written: `Movable.move_to`; of messages, webhooks and questions to insurers, which have no
#: workflow, their own services; and of a payment, which stands where its ledger says.
MOVES = {
    "apps/common/workflow.py",
    "apps/notifications/services/delivery.py",
    "apps/notifications/services/staff.py",
    "apps/billing/models/payments.py",
    "apps/billing/services/webhooks.py",
    "apps/clinical/services/entries.py",
    "apps/clinical/services/insurance.py",
}


def modules(*tops: str) -> list[Path]:
    return sorted(
        path.relative_to(ROOT)
        for top in tops
        for path in (ROOT / top).rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def relations_by_text(tree: ast.Module) -> Iterator[str]:
    """Models refer to models, not to their names; but for a through model further down in the same module, and for
    themselves, whose name is not there yet."""
    here = {node.name for node in tree.body if isinstance(node, ast.ClassDef)} | {"self"}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and _named(call.func) in RELATIONS):
            continue
        targets = [*call.args[:1], *(word.value for word in call.keywords if word.arg in {"to", "through"})]
        for target in targets:
            if isinstance(target, ast.Constant) and isinstance(target.value, str) and target.value not in here:
                yield f"{call.lineno}: {_named(call.func)} to the text {target.value!r}"


def status_assignments(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Attribute) and part.attr == "status":
                    yield f"{part.lineno}: {ast.unparse(part)} is assigned"


def local_imports(tree: ast.Module) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{node.lineno}: import inside {getattr(function, 'name', 'a lambda')}"


def row_receivers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        name = node.name if isinstance(node, ast.alias) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in ROW_SIGNALS:
            yield f"{getattr(node, 'lineno', 0)}: {name}"


def unscoped_querysets(tree: ast.Module) -> Iterator[str]:
    """`Model.objects...` without a word in the chain that says whose rows; the model first, for exceptions to name."""
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}):
            continue
        chain, top = [], node
        while isinstance(parents.get(top), ast.Attribute | ast.Call) and (
            isinstance(parents[top], ast.Attribute) or parents[top].func is top
        ):
            top = parents[top]
            if isinstance(top, ast.Attribute):
                chain.append(top.attr)
        if not SCOPES & set(chain):
            yield f"{_named(node.value)}: {ast.unparse(top)} (line {node.lineno})"


def declared_signals(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _named(node.value.func) == "Signal":
            yield from (_named(target) for target in node.targets)
