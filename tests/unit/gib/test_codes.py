"""Every code of gib-webservice.md §6 and how a code is found in a fault."""

from __future__ import annotations

import re

import pytest

from edefter import messages
from edefter.errors import ExitCode
from edefter.gib.codes import CODES, CodeClass, Operation, classify, find_code
from edefter.gib.errors import fault


def test_the_table_is_the_one_of_the_guide(shared):
    text = (shared / "spec" / "gib-webservice.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{3}) \| (send|receive|status) \|", text, flags=re.MULTILINE)
    names = {"send": Operation.SEND, "receive": Operation.RECEIVE, "status": Operation.STATUS}
    assert {int(code): names[op] for code, op in rows} == {
        code: entry.operation for code, entry in CODES.items()
    }


@pytest.mark.parametrize(
    ("code", "code_class", "exit_code", "retryable"),
    [
        (101, CodeClass.SETUP, ExitCode.CONFIG, False),
        (102, CodeClass.SETUP, ExitCode.CONFIG, False),
        (103, CodeClass.CLIENT_BUG, ExitCode.INTERNAL, False),
        (106, CodeClass.SPLIT, ExitCode.OPERATOR, False),
        (107, CodeClass.RETRY_ONCE, ExitCode.WAITING, True),
        (109, CodeClass.CONSENT, ExitCode.OPERATOR, False),
        (110, CodeClass.TRANSIENT, ExitCode.WAITING, True),
        (111, CodeClass.RECONCILE, ExitCode.WAITING, True),
        (113, CodeClass.OUTCOME_UNKNOWN, ExitCode.WAITING, True),
        (114, CodeClass.LONG_WAIT, ExitCode.WAITING, True),
        (204, CodeClass.POLL_AGAIN, ExitCode.WAITING, True),
        (302, CodeClass.SETUP, ExitCode.CONFIG, False),
        (304, CodeClass.NOT_FOUND, ExitCode.WAITING, True),
        (305, CodeClass.CONSENT, ExitCode.OPERATOR, False),
        (999, CodeClass.UNKNOWN, ExitCode.OPERATOR, False),
        (None, CodeClass.UNKNOWN, ExitCode.OPERATOR, False),
    ],
)
def test_the_class_decides_exit_code_and_retry(code, code_class, exit_code, retryable):
    assert classify(code) is code_class
    error = fault(
        code=code, text="ö", code_class=code_class, operation=Operation.SEND, package_id="p"
    )
    assert (error.exit_code, error.retryable) == (exit_code, retryable)
    assert "ö" in error.text("tr") and error.remedy("tr") and error.remedy("en")


def test_every_class_has_its_sentences():
    for code_class in set(CodeClass) - {CodeClass.SECURITY}:
        assert messages.text(f"gib.fault_{code_class}", "tr")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("110", "Fault occurred while processing."), 110),
        (("Veritabanı hatası", "111 - Paket sisteme daha önce yüklenmiş"), 111),
        (("111: yüklenmiş",), 111),
        (("Hata Kodu:112",), 112),
        (("(114) Bu mükellef şu anda paket yükleyemez",), 114),
        (("1234567808-202601-YB-000000 paketi 109",), 109),
        (("999 kayıttan sonra 110 hatası",), 110),
        (("sürüm 1.110 ile 10:110 arası",), None),
        (("1100 ve 11",), None),
        (("paket 1234567808-202601-YB-000000",), None),
        (("", ""), None),
        (("888",), 888),
    ],
)
def test_a_code_is_a_number_of_its_own(texts, expected):
    assert find_code(texts, Operation.SEND) == expected


def test_the_detail_wins_over_the_reason():
    assert find_code(("110", "111 - x"), Operation.SEND) == 110
