"""Write the state diagram of docs/design/state.md from the table of allowed ways.

python -m tools.make_state_diagram           writes it
python -m tools.make_state_diagram --check   fails when it is not current
"""

from __future__ import annotations

import sys
from pathlib import Path

from edefter.atomic import write_bytes
from edefter.state.states import ADOPTED_FROM, ALLOWED, WITHOUT_BERAT, State

PAGE = Path(__file__).resolve().parent.parent / "docs" / "design" / "state.md"
BEGIN, END = "<!-- diagram: begin -->\n", "<!-- diagram: end -->\n"


def diagram() -> str:
    """The mermaid text: every allowed way, in the order of the states."""
    order = list(State)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.DRAFT.value}"]
    for state in order:
        for target in sorted(ALLOWED[state], key=order.index):
            lines.append(f"    {state.value} --> {target.value}")
    for state, targets in WITHOUT_BERAT.items():
        for target in sorted(targets - ALLOWED[state], key=order.index):
            lines.append(f"    {state.value} --> {target.value}: DR")
    for state in sorted(ADOPTED_FROM, key=order.index):
        lines.append(f"    {state.value} --> {State.APPROVED.value}: adopt")
    return "\n".join([*lines, "```", ""])


def with_diagram(text: str) -> str:
    """The page with the present diagram in its place.

    Raises:
        ValueError: the page has no place for it.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page lacks the diagram's marks")
    return f"{head}{BEGIN}{diagram()}{END}{tail}"


def main(arguments: list[str]) -> int:
    """Write the page, or only compare."""
    text = PAGE.read_text(encoding="utf-8")
    current = with_diagram(text)
    if "--check" in arguments:
        return int(text != current)
    write_bytes(PAGE, current.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
