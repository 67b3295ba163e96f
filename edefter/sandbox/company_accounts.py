"""Chart of accounts of the sample company: the Turkish uniform chart with sub-accounts."""

from __future__ import annotations

from collections.abc import Mapping

USD_CUSTOMER = "120.90.001"
CUSTOMERS: Mapping[str, str] = {
    "120.01.001": "Iğdır Şişecilik & Cam Ticaret Ltd. Şti.",
    "120.01.002": 'Öz "Kardeşler" Züccaciye',
    "120.01.003": "O'Neill Züccaciye İthalat <Şube>",
    "120.01.004": "Ağrı Dağı Çeyiz Sarayı ☕ A.Ş.",
    "120.01.005": "İstinye Mutfak Gereçleri Sanayi ve Dış Ticaret Anonim Şirketi",
    USD_CUSTOMER: "Müller Glashandel GmbH (USD)",
}
SUPPLIERS: Mapping[str, str] = {
    "320.01.001": "Şişhane Cam Üretim A.Ş.",
    "320.01.002": "Ğüzel Ambalaj & Kutu Ltd. Şti.",
    "320.01.003": "Çınarcık Nakliyat (Navlun)",
    "320.01.004": "\u200fالنور للتجارة\u200f İthalat",
}
GOODS: Mapping[str, str] = {
    "153.01": "Cam bardak",
    "153.02": "Porselen tabak",
    "153.03": "Çelik tencere > 5 lt",
}
_MAIN: Mapping[str, str] = {
    "100": "KASA",
    "101": "ALINAN ÇEKLER",
    "102": "BANKALAR",
    "118": "DİĞER MENKUL KIYMETLER",
    "120": "ALICILAR",
    "121": "ALACAK SENETLERİ",
    "153": "TİCARİ MALLAR",
    "159": "VERİLEN SİPARİŞ AVANSLARI",
    "191": "İNDİRİLECEK KDV",
    "255": "DEMİRBAŞLAR",
    "320": "SATICILAR",
    "335": "PERSONELE BORÇLAR",
    "340": "ALINAN SİPARİŞ AVANSLARI",
    "360": "ÖDENECEK VERGİ VE FONLAR",
    "361": "ÖDENECEK SOSYAL GÜVENLİK KESİNTİLERİ",
    "391": "HESAPLANAN KDV",
    "500": "SERMAYE",
    "600": "YURT İÇİ SATIŞLAR",
    "601": "YURT DIŞI SATIŞLAR",
    "602": "DİĞER GELİRLER",
    "621": "SATILAN TİCARİ MALLAR MALİYETİ (-)",
    "622": "SATILAN HİZMET MALİYETİ (-)",
    "631": "PAZARLAMA SATIŞ VE DAĞITIM GİDERLERİ (-)",
    "632": "GENEL YÖNETİM GİDERLERİ (-)",
    "740": "HİZMET ÜRETİM MALİYETİ",
    "741": "HİZMET ÜRETİM MALİYETİ YANSITMA HESABI",
    "760": "PAZARLAMA SATIŞ VE DAĞITIM GİDERLERİ",
    "761": "PAZARLAMA SATIŞ VE DAĞITIM GİDERLERİ YANSITMA HESABI",
    "770": "GENEL YÖNETİM GİDERLERİ",
    "771": "GENEL YÖNETİM GİDERLERİ YANSITMA HESABI",
}
_SUB: Mapping[str, str] = {
    "100.01": "Merkez kasa",
    "101.01": "Portföydeki çekler",
    "102.01": "Çınar Bankası İstinye Şubesi TL",
    "102.02": "Şafak Bankası USD",
    "118.01": "Yatırım fonu",
    "121.01": "Cüzdandaki senetler",
    "159.01": "Yurt içi sipariş avansları",
    "191.01": "%1 İndirilecek KDV",
    "191.10": "%10 İndirilecek KDV",
    "191.20": "%20 İndirilecek KDV",
    "255.01": "Büro makineleri",
    "335.01": "Personel ücretleri",
    "340.01": "Yurt içi müşteri avansları",
    "360.01": "Ödenecek KDV",
    "360.02": "Gelir vergisi kesintisi",
    "360.03": "Damga vergisi",
    "361.01": "SGK primleri",
    "391.10": "%10 Hesaplanan KDV",
    "391.20": "%20 Hesaplanan KDV",
    "600.10": "%10 KDV'li satışlar",
    "600.20": "%20 KDV'li satışlar",
    "601.01": "Dolar ile ihracat",
    "602.01": "Vade farkı & diğer",
    "621.01": "Cam",
    "621.02": "Porselen",
    "760.01": "Satış personeli",
    "760.02": "Nakliye",
    "770.01": "Yönetim personeli",
    "770.02": "Elektrik, su, doğal gaz",
    "770.03": "Kırtasiye",
    "770.04": "Temsil ve ağırlama",
}
ACCOUNTS: Mapping[str, str] = {**_MAIN, **_SUB, **CUSTOMERS, **SUPPLIERS, **GOODS}
"""Code to name; a code with a dot belongs to the main account before the dot. The main accounts
500, 622, 631, 632, 740, 741, 761 and 771 have no sub-accounts and are posted to directly."""
