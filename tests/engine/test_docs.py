"""The examples of docs/engine.md run, one after the other, and print what stands under them."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_the_examples_print_what_the_page_says() -> None:
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) == PAGE.count("```python") == 4
    names: dict[str, Any] = {}
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected


def test_every_module_and_name_of_the_table_exists() -> None:
    rows = re.findall(r"^\| `(engine\.\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    modules = {path.stem for path in (Path(__file__).parents[2] / "engine").glob("*.py")} - {"__init__", "checks"}
    assert {module.removeprefix("engine.") for module, _ in rows} == modules | {"operations"}
    for module, names in rows:
        loaded = __import__(module, fromlist=["*"])
        for name in re.findall(r"`(\w+)`", names):
            holder = loaded if hasattr(loaded, name) else getattr(loaded, "ParameterVector", None)
            assert hasattr(holder, name), f"{module} has no {name}"
