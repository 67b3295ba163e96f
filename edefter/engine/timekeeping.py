"""The clock guard of a job: what it measures is kept as evidence with the month it served."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from edefter.clock.guard import ClockGuard
from edefter.clock.https_date import HttpsDateProbe
from edefter.clock.port import Measurement
from edefter.clock.refusal import warning_facts
from edefter.errors import EdefterError

if TYPE_CHECKING:
    from edefter.engine.job import Job


class Timekeeper:
    """Measures the computer's clock for a job.

    Args:
        job: the month.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._kept: dict[str, datetime] = {}

    @cached_property
    def guard(self) -> ClockGuard:
        """The clock guard; every measurement is kept as evidence with this period."""
        services, settings = self._job.services, self._job.settings
        gib, portal = settings.gib, settings.portal
        probes = [
            HttpsDateProbe(source="gib", url=gib.base_url, ca_bundle=gib.ca_bundle, proxy=gib.proxy)
        ]
        if portal.enabled:
            probes.append(
                HttpsDateProbe(
                    source="portal",
                    url=portal.control_url,
                    ca_bundle=portal.ca_bundle,
                    proxy=portal.proxy,
                )
            )
        return ClockGuard(
            settings.clock,
            services.time_source,
            wall=services.wall,
            monotonic=services.monotonic,
            database_clock=self._database_clock,
            date_probes=probes,
            on_measurement=self._keep,
        )

    def _database_clock(self) -> datetime | None:
        try:
            return self._job.source.clock()
        except EdefterError:
            return None  # an unreachable source is told when it is read, not as a clock fault

    def _keep(self, purpose: str, measurement: Measurement) -> None:
        job, offset = self._job, measurement.offset_s
        if self._kept.get(purpose) == measurement.measured_at:
            return  # the same measurement served the same purpose again
        self._kept[purpose] = measurement.measured_at
        job.store.add_measurement(
            company=job.company.code,
            branch=job.branch_number,
            period=job.period.compact,
            purpose=purpose,
            verdict=measurement.verdict,
            offset_ms=None if offset is None else round(offset * 1000),
            evidence=measurement.as_evidence(),
        )
        if measurement.verdict in ("warn", "lenient"):
            facts = {**job.facts, **warning_facts(measurement, job.settings.clock)}
            job.warn_once(measurement.reason, **facts)
