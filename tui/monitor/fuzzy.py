"""Finding a name by a few of its letters: `ploss` finds `loss/policy` last and `policy/loss` first."""

from __future__ import annotations

from collections.abc import Sequence

_BEGINS, _JOINED = 8, 4  # what it is worth that a letter begins a word, or follows the letter found before


def fuzzy_find(letters: str, names: Sequence[str]) -> list[str]:
    """The names that hold all the letters in their order, the best ones first; all of them for no letters."""
    wanted = "".join(letters.casefold().split())
    scored = [(_score(wanted, name.casefold()), place, name) for place, name in enumerate(names)]
    return [name for score, _, name in sorted((-score, place, name) for score, place, name in scored if score >= 0)]


def _score(wanted: str, name: str) -> int:
    """How well a name fits: letters that begin words or stand together count more; -1 where it does not fit."""
    if wanted and wanted in name:
        at = name.index(wanted)
        return 1000 + _BEGINS * (at == 0 or not name[at - 1].isalnum()) - len(name) // 8
    score, at = 0, -1
    for letter in wanted:
        found = name.find(letter, at + 1)
        if found < 0:
            return -1
        score += _JOINED * (found == at + 1) + _BEGINS * (found == 0 or not name[found - 1].isalnum())
        at = found
    return score
