"""The decision rule of gib-webservice.md §7."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.gib.port import BatchState
from edefter.gib.states import decide, is_accepted, turkish_fold

PENDING, DONE, REJECTED, UNKNOWN = (
    BatchState.PENDING, BatchState.DONE, BatchState.REJECTED, BatchState.UNKNOWN,
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (0, "Paket başarı ile işlendi.", DONE),
        (0, "Paket Başarıyla İşlendi", DONE),
        (0, "Paket başarılı, defter paketinin işlenmesi bekleniyor.", PENDING),
        (0, "PAKET BAŞARILI, DEFTER PAKETİNİN İŞLENMESİ BEKLENİYOR.", PENDING),
        (0, "… BEKLENIYOR", PENDING),
        (2, "Paket başarılı, defter paketinin işlenmesi bekleniyor.", PENDING),
        (1, "Paket kuyruğa alındı", PENDING),
        (1, "KUYRUĞA ALINDI", PENDING),
        (1, "… paketi işleme alındı", PENDING),
        (7, "Paket işleniyor", PENDING),
        (-1, "Paket işlenirken hata oluştu. Hata : Geçersiz imza", REJECTED),
        (-1, "İMZA GEÇERSİZ", REJECTED),
        (5, "Başarısız", REJECTED),
        (None, "Hata", REJECTED),
        (30, "Paket başarı ile işlendi.", UNKNOWN),
        (None, "Paket başarı ile işlendi.", UNKNOWN),
        (12, "", UNKNOWN),
        (None, "", UNKNOWN),
    ],
)
def test_states(code, text, expected):
    assert decide(code, text) is expected


@given(code=st.one_of(st.none(), st.integers().filter(bool)), text=st.text())
def test_a_number_other_than_zero_is_never_success(code, text):
    assert decide(code, text) is not DONE


@given(before=st.text(), after=st.text())
def test_waiting_is_never_success(before, after):
    assert decide(0, f"{before} bekleniyor {after}") is not DONE


def test_folding_makes_all_spellings_one():
    assert len({turkish_fold(t) for t in ("İŞLENİYOR", "işleniyor", "ISLENIYOR", "Işlenıyor")}) == 1
    assert turkish_fold("  ÇĞÖŞÜ\n Âî ") == "cgosu ai"


def test_acceptance_needs_its_words():
    assert is_accepted("1234567808-202601-YB-000000 PAKETİ İŞLEME ALINDI")
    assert not is_accepted("Paket reddedildi")
    assert not is_accepted("")
