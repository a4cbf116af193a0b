"""Configurations are frozen dataclasses; the sentence under a field is its help. Text settings become values here."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import textwrap
import types
import typing
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Literal

from algorithms.schedules import Schedule, parse_schedule


class SettingError(ValueError):
    """A setting that cannot be used; the message is one sentence for the user."""


@cache
def field_help(config: type) -> dict[str, str]:
    """The sentence under every field of a configuration class."""
    body = typing.cast(ast.ClassDef, ast.parse(textwrap.dedent(inspect.getsource(config))).body[0]).body
    return {
        field.target.id: " ".join(sentence.value.value.split())
        for field, sentence in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(sentence, ast.Expr)
        and isinstance(sentence.value, ast.Constant)
        and isinstance(sentence.value.value, str)
    }


def configure(config: type[Any], settings: Mapping[str, Any]) -> Any:
    """A configuration with settings applied; text is read as the field's type.

    Raises SettingError, one sentence, for an unknown key, an unreadable value or one out of range.
    """
    kinds = typing.get_type_hints(config)
    for key in settings:
        if key not in kinds:
            raise unknown_key(key, kinds)
    values = {k: _read(k, v, kinds[k]) if isinstance(v, str) else v for k, v in settings.items()}
    try:
        return config(**values)
    except ValueError as error:
        raise SettingError(str(error)) from None


def unknown_key(key: str, known: typing.Iterable[str]) -> SettingError:
    """The error for a key that no configuration has, with the nearest name."""
    known = list(known)
    near = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}"
    return SettingError(f"there is no setting {key!r}: {hint}")


def settings_of(config: Any) -> dict[str, Any]:
    """A configuration as plain JSON values, from which `configure` makes it again."""
    return {
        field.name: str(value) if not isinstance(value, bool | int | float | str | None) else value
        for field in dataclasses.fields(config)
        for value in [getattr(config, field.name)]
    }


def _read(key: str, text: str, kind: Any) -> Any:
    """One setting's text as a value of its field's type."""
    options = typing.get_args(kind)
    if kind is str:
        return text
    if typing.get_origin(kind) is types.UnionType and types.NoneType in options:
        return None if text.lower() == "none" else _read(key, text, options[0])
    if typing.get_origin(kind) is Literal:
        return _one_of(key, text, {option: option for option in options})
    if kind is bool:
        return _one_of(key, text.lower(), {"true": True, "false": False})
    try:
        return parse_schedule(text) if kind is Schedule else kind(text)
    except ValueError as error:
        wanted = {int: "a whole number", float: "a number"}.get(kind)
        raise SettingError(f"{key}: expected {wanted}, got {text!r}" if wanted else f"{key}: {error}") from None


def _one_of(key: str, text: str, options: Mapping[str, Any]) -> Any:
    if text not in options:
        raise SettingError(f"{key} must be one of {', '.join(options)}, got {text!r}")
    return options[text]
