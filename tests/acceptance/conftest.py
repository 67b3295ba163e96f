"""The rehearsal world, once per worker; every test gets an office of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from edefter.sandbox.world import SandboxWorld
from tests.conftest import absent
from tests.support.office import Office

ADMIN = "postgresql+psycopg://root@127.0.0.1/postgres"


@pytest.fixture(scope="session")
def running_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    with SandboxWorld(tmp_path_factory.mktemp("world"), any_ports=True) as world:
        yield world


@pytest.fixture
def world(running_world: SandboxWorld) -> Iterator[SandboxWorld]:
    simulators = (
        running_world.gib, running_world.portal, running_world.ntp, running_world.revocation,
        running_world.tsa,
    )  # fmt: skip
    for simulator in simulators:
        simulator.set_knobs()
    yield running_world
    for simulator in simulators:
        simulator.set_knobs()


@pytest.fixture
def make_office(world: SandboxWorld, tmp_path: Path) -> Callable[..., Office]:
    made = 0

    def make(**given: str) -> Office:
        nonlocal made
        made += 1
        return Office(world, tmp_path / f"office{made}", **given)

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """An installation with the sample company registered under a tax number of its own."""
    made = make_office()
    made.register()
    return made


@pytest.fixture
def postgres() -> Iterator[str]:
    """URL of a state database of its own on the real PostgreSQL."""
    name = f"edefter_engine_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(ADMIN, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
    except sa.exc.OperationalError:
        absent("PostgreSQL on 127.0.0.1:5432 with role root")
    yield f"postgresql+psycopg://root@127.0.0.1/{name}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()
