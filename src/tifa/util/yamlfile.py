"""Read and validate hand-written YAML files, with errors that name the line of each mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tifa.util.disk import read_bytes
from tifa.util.errors import TifaError

Model = TypeVar("Model", bound=BaseModel)
Lines = dict[tuple[str | int, ...], int]

#: Largest size in bytes, largest number of fields, and deepest nesting of a file. All files that
#: are read here are small; a larger one is a mistake or an attack.
MAX_BYTES = 4_000_000
MAX_FIELDS = 100_000
MAX_DEPTH = 20
#: Largest number of mistakes that one message lists.
MOST_TOLD = 6
#: PyYAML's C parser is ten times as fast, but not every installation has it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(LOADER):  # type: ignore[misc]
    """A loader that refuses deeply nested fields, because they would exhaust the stack."""

    depth = 0

    def descend_resolver(self, parent: yaml.Node | None, index: object) -> None:
        super().descend_resolver(parent, index)
        self.depth += 1
        if parent and self.depth > MAX_DEPTH + 1:
            raise yaml.composer.ComposerError(None, None, "too deep fields", parent.start_mark)

    def ascend_resolver(self) -> None:
        super().ascend_resolver()
        self.depth -= 1


def read_yaml(path: Path, model: type[Model]) -> tuple[Model, Lines]:
    """Read a YAML file and validate it with a pydantic model.

    Returns the validated model, and the line of each field by its path, such as
    ("entries", 0, "id"). Raises TifaError if the file is missing, unreadable, empty, too large or
    not UTF-8, is broken YAML or does not fit the model. For a file that does not fit, the
    message names the line, item and field of up to :data:`MOST_TOLD` mistakes.
    """
    content, lines = _load(path)
    try:
        return model.model_validate(content), lines
    except ValidationError as error:
        mistakes = [
            (line_of(lines, e["loc"]), f"{_place(content, e['loc'])}{_message(e)}")
            for e in error.errors(include_url=False)
        ]
        (line, first), *others = mistakes[:MOST_TOLD]
        messages = [first, *(f"line {at}: {message}" if at else message for at, message in others)]
        if more := len(mistakes) - len(messages):
            messages.append(f"and {more} more")
        raise TifaError("; ".join(messages), where=path, line=line) from None


def line_of(lines: Lines, loc: tuple[str | int, ...]) -> int | None:
    """Return the line of a field or, if the field is missing, of the nearest enclosing one."""
    while loc and loc not in lines:
        loc = loc[:-1]
    return lines.get(loc)


def _message(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return "no such field; remove it or correct its name"
    if error["type"] == "missing":
        return "this field is required"
    found = error.get("input")
    shown = "" if isinstance(found, dict | list) else f" (found {found!r})"
    return message + shown


def _place(content: Any, loc: tuple[str | int, ...]) -> str:
    """Describe where a mistake is, by the ids of the items that contain it and by its field."""
    names: list[str] = []
    for key in loc:
        try:
            content = content[key]
        except (KeyError, IndexError, TypeError):
            content = None
        if isinstance(content, dict) and isinstance(content.get("id"), str):
            # replace list indices by the id of the item, but keep the ids of items around it
            names = [*(n for n in names if n.startswith("'")), repr(content["id"])]
        else:
            names.append(str(key))
    return ", ".join(names) + ": " if names else ""


def _load(path: Path) -> tuple[Any, Lines]:
    if not path.is_file():
        raise TifaError("no such file; expected a YAML file here", where=path)
    data = read_bytes(path)
    if len(data) > MAX_BYTES:
        raise TifaError(f"{len(data)} bytes; expected at most {MAX_BYTES}", where=path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TifaError("not UTF-8; save the file as UTF-8", where=path, line=line) from None
    lines: Lines = {}
    loader = None
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            raise TifaError("the file is empty", where=path)
        _walk(root, (), lines, path)
        return loader.construct_document(root), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TifaError(
            f"broken YAML: {error.problem or error.context}",
            where=path,
            line=mark.line + 1 if mark else None,
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TifaError(f"broken YAML: {error}", where=path) from None
    finally:
        if loader is not None:
            loader.dispose()


def _walk(node: yaml.Node, loc: tuple[str | int, ...], lines: Lines, path: Path) -> None:
    """Record in ``lines`` the line of every field below a node.

    Raises TifaError for a duplicate key, and for too many or too deeply nested fields.
    """
    line = node.start_mark.line + 1
    if len(lines) > MAX_FIELDS or len(loc) > MAX_DEPTH:
        raise TifaError("too many or too deep fields (aliases of aliases?)", where=path, line=line)
    lines[loc] = line
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            at = key.start_mark.line + 1
            if name in keys:
                raise TifaError(f"the field {name!r} appears twice; keep one", where=path, line=at)
            keys.add(name)
            _walk(value, (*loc, name), lines, path)
            lines[(*loc, name)] = at
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*loc, index), lines, path)
