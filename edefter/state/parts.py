"""The documents of a month as its parts: laid out anew as often as nothing of them was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from edefter.errors import InternalError
from edefter.model.documents import Kind
from edefter.model.files import Counters
from edefter.model.period import Period
from edefter.state import tables as t
from edefter.state.documents import Documents, document_key
from edefter.state.records import Document
from edefter.state.states import NOT_SENT, State


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """What is fixed of a part when it is laid out, for both of its books.

    Args:
        part: six digits.
        first_day, last_day: what it covers, inclusive, ISO.
        counters_before: last numbers used before it.
    """

    part: str
    first_day: str
    last_day: str
    counters_before: Mapping[str, int]

    def fits(self, document: Document) -> bool:
        """Whether a document is of this part with these days."""
        mine = (self.part, self.first_day, self.last_day)
        return mine == (document.part, document.first_day, document.last_day)


def misfits(documents: Iterable[Document], parts: Iterable[PartPlan]) -> list[Document]:
    """Documents that GİB has, or may have, and that are none of these parts."""
    plans = {plan.part: plan for plan in parts}
    return [
        document
        for document in documents
        if document.state not in NOT_SENT
        and not ((plan := plans.get(document.part)) and plan.fits(document))
    ]


class PartedDocuments(Documents):
    """Documents, arranged by parts."""

    def lay_out(
        self,
        *,
        company: str,
        branch: str,
        period: Period,
        kinds: Sequence[Kind],
        parts: Sequence[PartPlan],
        creation_date: str,
        source_application: str,
    ) -> list[Document]:
        """Make the documents of a month those of its parts, in one transaction.

        What was sent stays as it is. Of what was not, documents of other parts are removed with
        their records of files, missing ones are opened as DRAFT, and those whose days or first
        numbers changed are taken back to DRAFT with the new ones.

        Args:
            company, branch, period: whose month.
            kinds: the books.
            parts: all parts of the month, in order.
            creation_date, source_application: fixed when the build started.

        Returns:
            The documents of the month.

        Raises:
            InternalError: a document that was sent is none of these parts; ask `misfits` before.
        """
        plans = {plan.part: plan for plan in parts}
        with self._write() as connection:
            query = sa.select(t.document).where(
                t.document.c.company == company,
                t.document.c.branch == branch,
                t.document.c.period == period.compact,
                t.document.c.kind.in_(kinds),
            )
            rows = connection.execute(query.with_for_update()).mappings().all()
            documents = [Document.from_row(row) for row in rows]
            for document in misfits(documents, parts):
                raise InternalError("state.part_was_sent", document=document.label)
            for document in documents:
                if document.state in NOT_SENT:
                    self._settle_part(connection, document, plans.get(document.part))
            for plan in parts:
                for kind in kinds:
                    self._open(
                        connection,
                        document_key(company, branch, period, kind, plan.part),
                        first_day=plan.first_day,
                        last_day=plan.last_day,
                        creation_date=creation_date,
                        source_application=source_application,
                        counters_before=dict(plan.counters_before),
                    )
        return self.documents(company, branch, period, kinds=kinds)

    def _settle_part(
        self, connection: Connection, document: Document, plan: PartPlan | None
    ) -> None:
        if plan is None:
            for table in (t.file, t.upload):
                connection.execute(sa.delete(table).where(table.c.document_id == document.id))
            connection.execute(sa.delete(t.document).where(t.document.c.id == document.id))
            self._audit_part(connection, document, "document.removed", None, {})
            return
        # Records of an older version may lack a counter that is new.
        if plan.fits(document) and document.counters_before == Counters(**plan.counters_before):
            return
        values: dict[str, Any] = {
            "first_day": plan.first_day,
            "last_day": plan.last_day,
            "counters_before": dict(plan.counters_before),
        }
        connection.execute(
            sa.update(t.document)
            .where(t.document.c.id == document.id)
            .values(
                state=State.DRAFT.value, updated_at=self._now(), ettn=None, intent=None, **values
            )
        )
        self._audit_part(connection, document, "document.part", State.DRAFT, values)

    def _audit_part(
        self,
        connection: Connection,
        document: Document,
        action: str,
        to: State | None,
        evidence: Mapping[str, Any],
    ) -> None:
        self._audit(
            connection,
            **document_key(
                document.company, document.branch, document.period, document.kind, document.part
            ),
            action=action,
            from_state=document.state.value,
            to_state=to.value if to else None,
            cause="parts laid out",
            evidence=evidence,
        )
