//! Statements: the page that offers them, and what stands in the files.

use super::Text;

pub(crate) const TITLE: Text = Text {
    id: "Laporan bulanan",
    en: "Monthly statements",
};
pub(crate) const INTRO: Text = Text {
    id: "Saldo awal, semua yang masuk dan keluar, dan saldo akhir: satu laporan per dompet dan bulan.",
    en: "What a wallet had, everything that came in and went out, and what it has: a statement for each month.",
};
pub(crate) const NO_WALLET: Text = Text {
    id: "Laporan ada setelah Anda membuka dompet.",
    en: "There are statements once you have opened a wallet.",
};
pub(crate) const WALLET: Text = Text {
    id: "Dompet",
    en: "Wallet",
};
pub(crate) const SHOW: Text = Text {
    id: "Tampilkan",
    en: "Show",
};
pub(crate) const SO_FAR: Text = Text {
    id: "sampai sekarang",
    en: "so far",
};
pub(crate) const FILE_OF: Text = Text {
    id: "{}, {}",
    en: "{}, {}",
};
pub(crate) const EARLIER: Text = Text {
    id: "Bulan sebelumnya",
    en: "Earlier months",
};
pub(crate) const LATEST: Text = Text {
    id: "Ke bulan ini",
    en: "To this month",
};
pub(crate) const TOO_LONG: Text = Text {
    id: "Laporan ini terlalu panjang",
    en: "This statement is too long",
};
pub(crate) const TOO_LONG_TEXT: Text = Text {
    id: "Bulan itu punya {} baris; satu berkas memuat paling banyak {}. Semua baris tetap bisa diambil lewat API.",
    en: "That month has {} lines; a file holds {} at most. All of them can still be had from the API.",
};

// What stands in the files.
pub(crate) const DOCUMENT: Text = Text {
    id: "Laporan dompet",
    en: "Wallet statement",
};
pub(crate) const HOLDER: Text = Text {
    id: "Pemilik",
    en: "Holder",
};
pub(crate) const PERIOD: Text = Text {
    id: "Periode",
    en: "Period",
};
pub(crate) const CURRENCY: Text = Text {
    id: "Jumlah dalam rupiah (IDR), waktu menurut WIB (UTC+7).",
    en: "Amounts in rupiah (IDR), times in WIB (UTC+7).",
};
pub(crate) const NOT_COMPLETE: Text = Text {
    id: "Bulan ini belum selesai. Keadaan per {}.",
    en: "The month is not over yet. As of {}.",
};
pub(crate) const OPENING: Text = Text {
    id: "Saldo awal",
    en: "Opening balance",
};
pub(crate) const CLOSING: Text = Text {
    id: "Saldo akhir",
    en: "Closing balance",
};
pub(crate) const CAME_IN: Text = Text { id: "Masuk", en: "In" };
pub(crate) const WENT_OUT: Text = Text {
    id: "Keluar",
    en: "Out",
};
pub(crate) const TIME: Text = Text {
    id: "Waktu",
    en: "Time",
};
pub(crate) const TIME_WIB: Text = Text {
    id: "Waktu (WIB)",
    en: "Time (WIB)",
};
pub(crate) const DESCRIPTION: Text = Text {
    id: "Keterangan",
    en: "Description",
};
pub(crate) const BALANCE: Text = Text {
    id: "Saldo",
    en: "Balance",
};
pub(crate) const TYPE: Text = Text {
    id: "Jenis",
    en: "Type",
};
pub(crate) const OTHER_SIDE: Text = Text {
    id: "Lawan transaksi",
    en: "Other side",
};
pub(crate) const REFERENCE: Text = Text {
    id: "Referensi",
    en: "Reference",
};
pub(crate) const PAGE_OF: Text = Text {
    id: "Halaman {} dari {}",
    en: "Page {} of {}",
};
pub(crate) const LINES: Text = Text {
    id: "{} baris",
    en: "{} lines",
};
pub(crate) const OTHER_WALLET: Text = Text {
    id: "dompet lain",
    en: "another wallet",
};
pub(crate) const TO: Text = Text {
    id: "{} ke {}",
    en: "{} to {}",
};
pub(crate) const FROM: Text = Text {
    id: "{} dari {}",
    en: "{} from {}",
};
