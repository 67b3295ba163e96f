"""Texts of registration findings: what is wrong and what to do, Turkish and English.

`{field}` is the field as the user wrote it, `{value}` the offending text, `{name}` the field's
Turkish or English name.
"""

from __future__ import annotations

NAMES: dict[str, tuple[str, str]] = {
    "code": ("şirketin kısa adı", "short name of the company"),
    "tax_id": ("VKN veya TCKN", "VKN or TCKN"),
    "title": ("unvan veya ad soyad", "trade title or name and surname"),
    "address": ("adres", "address"),
    "building_number": ("bina/kapı no", "building number"),
    "street": ("cadde/sokak", "street"),
    "street2": ("adres detayı", "address detail"),
    "city": ("şehir", "city"),
    "postal_code": ("posta kodu", "postal code"),
    "country": ("ülke", "country"),
    "phone": ("telefon", "phone"),
    "fax": ("faks", "fax"),
    "phone_kind": ("telefonun türü", "kind of phone"),
    "kind": ("telefonun türü", "kind of phone"),
    "more": ("diğer iletişim bilgileri", "further contacts"),
    "phones": ("diğer telefonlar", "further phones"),
    "faxes": ("diğer fakslar", "further faxes"),
    "emails": ("diğer e-posta adresleri", "further e-mail addresses"),
    "websites": ("diğer web siteleri", "further web sites"),
    "addresses": ("diğer adresler", "further addresses"),
    "email": ("e-posta", "e-mail"),
    "website": ("web sitesi", "web site"),
    "nace": ("NACE kodu", "NACE code"),
    "edefter_start": ("e-Defter başlangıç ayı", "first month with e-books"),
    "accountants": ("muhasebeci (SM/SMMM/YMM) bilgisi", "accountant"),
    "name": ("ad", "name"),
    "engagement": ("sözleşme açıklaması", "engagement description"),
    "creator": ("defteri oluşturan kişi", "person who makes the documents"),
    "fiscal_year_start_month": ("hesap döneminin ilk ayı", "first month of the fiscal year"),
    "fiscal_years": ("hesap dönemi", "fiscal year"),
    "start": ("başlangıç", "start"),
    "end": ("bitiş", "end"),
    "continues": ("numaralar sürer", "numbers go on"),
    "branches": ("şube", "branch"),
    "number": ("numara", "number"),
    "upload_preference": ("berat yükleme tercihi", "upload preference"),
    "income_taxpayer": ("gelir vergisi mükellefi", "income taxpayer"),
    "book_currency": ("defter para birimi", "book currency"),
    "authorised_signers": ("yetkili imzacılar", "authorised signers"),
    "source": ("muhasebe kaynağı", "accounting source"),
    "source_company": ("kaynaktaki şirket", "company in the source"),
    "seal": ("mühür", "seal"),
}

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "missing": (
        "{name} eksik ({field}).",
        "{name} is missing ({field}).",
        "{field} alanını doldurun; her e-Defter belgesinde yazılması zorunludur.",
        "Fill in {field}; every e-Defter document must carry it.",
    ),
    "missing_own": (
        "{name} eksik ({field}).",
        "{name} is missing ({field}).",
        "{field} alanını doldurun.",
        "Fill in {field}.",
    ),
    "not_text": (
        "{field} tırnak içinde yazılmalı: {value}.",
        "{field} must be a text in quotes: {value}.",
        'Tırnak ekleyin: {field} = "{value}". Yoksa baştaki sıfırlar kaybolur.',
        'Add quotes: {field} = "{value}". Otherwise leading zeros get lost.',
    ),
    "not_table": (
        "{field} bir bölüm (tablo) olmalı.",
        "{field} must be a table.",
        "Örnek: [address] satırının altına building_number, street, city, postal_code yazın; "
        "yinelenen bölümler [[accountants]] gibi çift ayraçla yazılır.",
        "Example: write building_number, street, city, postal_code below a line [address]; "
        "repeated tables have double brackets, as [[accountants]].",
    ),
    "bad_character": (
        "{field} içinde XML'e yazılamayan bir karakter var.",
        "{field} holds a character that XML cannot carry.",
        "Denetim karakterlerini ve satır sonlarını silin.",
        "Remove control characters and line ends.",
    ),
    "edge_blank": (
        '{field} başında veya sonunda boşluk var: "{value}".',
        '{field} begins or ends with a blank: "{value}".',
        "Baştaki ve sondaki boşlukları silin; edefter verinizi kendiliğinden değiştirmez.",
        "Remove the blanks at its ends; edefter does not change your data by itself.",
    ),
    "unknown": (
        "{field} diye bir alan yok.{hint_tr}",
        "There is no field {field}.{hint_en}",
        "Alan adını düzeltin veya satırı silin.",
        "Correct the name or remove the line.",
    ),
    "tax_shape": (
        'VKN 10, TCKN 11 rakam olmalı: "{value}" ({field}).',
        'A VKN has 10 digits, a TCKN 11: "{value}" ({field}).',
        "Numarayı vergi levhasından boşluksuz ve yalnız rakamla yazın.",
        "Copy the number from the tax plate, digits only, without blanks.",
    ),
    "tax_check": (
        'VKN/TCKN denetim basamağı tutmuyor: "{value}" ({field}).',
        'The check digit of the VKN/TCKN does not fit: "{value}" ({field}).',
        "Bir rakam yanlış veya yer değiştirmiş; numarayı vergi levhasıyla karşılaştırın.",
        "A digit is wrong or swapped; compare the number with the tax plate.",
    ),
    "too_short": (
        '{name} en az 2 karakter olmalı: "{value}" ({field}).',
        '{name} needs at least 2 characters: "{value}" ({field}).',
        "Adı tam olarak yazın.",
        "Write the full name.",
    ),
    "abbreviated": (
        'Unvanda kısaltma var: "{value}".',
        'The title holds an abbreviation: "{value}".',
        "Unvanı Ticaret Sicili Gazetesi'ndeki gibi kısaltmasız yazın "
        "(Anonim Şirketi, Limited Şirketi, Sanayi ve Ticaret).",
        "Write the title without abbreviations, as in the Ticaret Sicili Gazetesi "
        "(Anonim Şirketi, Limited Şirketi, Sanayi ve Ticaret).",
    ),
    "phone": (
        '{name} 10 rakam olmalı (alan kodu 3 + numara 7): "{value}" ({field}).',
        '{name} has 10 digits (area code 3 + number 7): "{value}" ({field}).',
        "Başındaki 0 veya +90 olmadan, boşluksuz yazın; örnek: 3121234567.",
        "Write it without a leading 0 or +90 and without blanks, for example 3121234567.",
    ),
    "email": (
        'e-posta adresi geçersiz: "{value}" ({field}).',
        'Not an e-mail address: "{value}" ({field}).',
        "ad@sirket.com.tr biçiminde yazın.",
        "Write it as name@company.com.tr.",
    ),
    "website": (
        'Web adresi geçersiz: "{value}" ({field}).',
        'Not a web address: "{value}" ({field}).',
        "https://www.sirket.com.tr biçiminde yazın veya boş bırakın.",
        "Write it as https://www.company.com.tr, or leave it empty.",
    ),
    "nace": (
        'NACE kodu 4 veya 6 rakam olmalı: "{value}" ({field}).',
        'A NACE code has 4 or 6 digits: "{value}" ({field}).',
        "Kodu vergi levhasından yazın; örnek: 62.01.01 veya 620101.",
        "Copy the code from the tax plate, for example 62.01.01 or 620101.",
    ),
    "postal_code": (
        'Posta kodu 5 rakam olmalı: "{value}" ({field}).',
        'A Turkish postal code has 5 digits: "{value}" ({field}).',
        "Örnek: 06420.",
        "Example: 06420.",
    ),
    "postal_code_abroad": (
        'Posta kodu yalnız rakamlardan oluşmalı: "{value}" ({field}).',
        'A postal code consists of digits: "{value}" ({field}).',
        "Rakam dışındaki karakterleri silin.",
        "Remove everything but digits.",
    ),
    "country": (
        'Ülke adı kısaltılmadan yazılmalı: "{value}" ({field}).',
        'The country is written in full: "{value}" ({field}).',
        "Türkiye yazın.",
        "Write Türkiye.",
    ),
    "period": (
        '{name} YYYY-AA biçiminde olmalı: "{value}" ({field}).',
        '{name} has the form YYYY-MM: "{value}" ({field}).',
        "Örnek: 2026-01.",
        "Example: 2026-01.",
    ),
    "date": (
        '{name} YYYY-AA-GG biçiminde bir gün olmalı: "{value}" ({field}).',
        '{name} is a day of the form YYYY-MM-DD: "{value}" ({field}).',
        "Örnek: 2026-01-01.",
        "Example: 2026-01-01.",
    ),
    "year_order": (
        "Hesap dönemi sonu başından sonra olmalı ({field}).",
        "The fiscal year must end after it starts ({field}).",
        "start ve end günlerini düzeltin.",
        "Correct the days start and end.",
    ),
    "year_long": (
        "Hesap dönemi on iki aydan uzun olamaz ({field}).",
        "A fiscal year has at most twelve months ({field}).",
        "start ve end günlerini düzeltin.",
        "Correct the days start and end.",
    ),
    "year_overlap": (
        "Hesap dönemleri çakışıyor ({field}).",
        "Fiscal years overlap ({field}).",
        "Her gün yalnız bir hesap döneminde olabilir; günleri düzeltin.",
        "A day lies in one fiscal year only; correct the days.",
    ),
    "month": (
        'Hesap döneminin ilk ayı 1–12 arası olmalı: "{value}" ({field}).',
        'The first month of the fiscal year is 1 to 12: "{value}" ({field}).',
        "Takvim yılı için 1 yazın; özel hesap döneminde dönemin ilk ayını.",
        "Write 1 for the calendar year, or the first month of a special fiscal year.",
    ),
    "no_accountant": (
        "En az bir muhasebeci gerekli ({field}).",
        "At least one accountant is needed ({field}).",
        "SM/SMMM/YMM bilgisini ekleyin; defter işletmede tutuluyorsa muhasebe müdürünün adını ve "
        'engagement = "-" yazın.',
        "Add the SM/SMMM/YMM; for books kept in-house name the chief of accounting with "
        'engagement = "-".',
    ),
    "engagement_hashes": (
        'Sözleşme açıklamasında ## kullanılamaz: "{value}" ({field}).',
        'An engagement description must not hold ##: "{value}" ({field}).',
        "Tür, tarih ve numarayı virgülle ayırın: SMMM sözleşmesi, 2026-01-01, M10120.",
        "Separate kind, date and number by commas: SMMM sözleşmesi, 2026-01-01, M10120.",
    ),
    "engagement_form": (
        'Sözleşme açıklaması "tür, tarih, numara" biçiminde değil: "{value}" ({field}).',
        'The engagement is not of the form "kind, date, number": "{value}" ({field}).',
        "Örnek: SMMM sözleşmesi, 2026-01-01, M10120; işletmede tutulan defterde tek bir -.",
        "Example: SMMM sözleşmesi, 2026-01-01, M10120; a single - for books kept in-house.",
    ),
    "branch_number": (
        'Şube no 0001–9999 arası dört rakam olmalı: "{value}" ({field}).',
        'A branch number has four digits, 0001 to 9999: "{value}" ({field}).',
        "Örnek: 0001. 0000 yasaktır; merkez için şube yazılmaz.",
        "Example: 0001. 0000 is forbidden; the head office is no branch.",
    ),
    "branch_twice": (
        'Şube no iki kez verilmiş: "{value}" ({field}).',
        'The branch number is used twice: "{value}" ({field}).',
        "Her şubeye ayrı numara verin.",
        "Give each branch a number of its own.",
    ),
    "branch_name": (
        'Şube adı "Şubesi" ile bitmiyor: "{value}" ({field}).',
        'The branch name does not end in "Şubesi": "{value}" ({field}).',
        "Örnek: Ankara Şubesi.",
        "Example: Ankara Şubesi.",
    ),
    "branch_early": (
        "Şubenin e-Defter başlangıcı şirketinkinden önce olamaz: {value} ({field}).",
        "A branch cannot start e-books before the company: {value} ({field}).",
        "Şubenin veya şirketin başlangıç ayını düzeltin.",
        "Correct the start month of the branch or of the company.",
    ),
    "choice": (
        '{field} "{value}" olamaz; izin verilen: {allowed}.',
        '{field} cannot be "{value}"; allowed: {allowed}.',
        "İzin verilen değerlerden birini yazın.",
        "Write one of the allowed values.",
    ),
    "currency": (
        'Para birimi üç büyük harf olmalı: "{value}" ({field}).',
        'A currency has three capital letters: "{value}" ({field}).',
        "Türk lirası için TRY yazın; başka para birimi VUK 215 izni ister.",
        "Write TRY for Turkish lira; another currency needs the permission of VUK 215.",
    ),
    "code": (
        'Kısa ad yalnız a–z, 0–9, - ve _ içerebilir, en çok 32 karakter: "{value}" ({field}).',
        'A short name holds only a–z, 0–9, - and _, at most 32 characters: "{value}" ({field}).',
        "Örnek: demir-celik. Klasör adı olarak kullanılır.",
        "Example: demir-celik. It becomes a folder name.",
    ),
}
