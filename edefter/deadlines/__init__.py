"""Until when the books of a month are to be loaded (lifecycle.md §8).

    deadline = LegalCalendar(extensions).deadline(company, Period.parse("2026-01"))
    print(deadline.day, deadline.steps)

The dates are data (`legal_dates.toml`): rules by communiqué, public holidays, extensions. An
operator adds extensions and holidays in the configuration.
"""

from edefter.deadlines.calendar import Deadline, Extension, LegalCalendar, Step, StepKind

__all__ = ["Deadline", "Extension", "LegalCalendar", "Step", "StepKind"]
