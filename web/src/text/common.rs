//! What every page has.

use super::Text;

pub(crate) const BRAND: Text = Text {
    id: "Sawit",
    en: "Sawit",
};
pub(crate) const SKIP: Text = Text {
    id: "Langsung ke isi",
    en: "Skip to content",
};
pub(crate) const LANGUAGE_SHORT: Text = Text {
    id: "English",
    en: "Bahasa Indonesia",
};
pub(crate) const SANDBOX: Text = Text {
    id: "Mode percobaan, bukan uang sungguhan.",
    en: "Sandbox: this is play money.",
};
pub(crate) const FOOTER: Text = Text {
    id: "Sawit tidak pernah menanyakan kata sandi Anda lewat telepon atau pesan.",
    en: "Sawit never asks for your password by phone or message.",
};
pub(crate) const SIGN_IN: Text = Text {
    id: "Masuk",
    en: "Sign in",
};
pub(crate) const SIGN_OUT: Text = Text {
    id: "Keluar",
    en: "Sign out",
};
pub(crate) const REGISTER: Text = Text {
    id: "Daftar",
    en: "Register",
};
pub(crate) const EMAIL: Text = Text {
    id: "Email",
    en: "Email",
};
pub(crate) const PASSWORD: Text = Text {
    id: "Kata sandi",
    en: "Password",
};
pub(crate) const USERNAME: Text = Text {
    id: "Nama pengguna",
    en: "Username",
};
pub(crate) const FULLNAME: Text = Text {
    id: "Nama lengkap",
    en: "Full name",
};
pub(crate) const AMOUNT: Text = Text {
    id: "Jumlah",
    en: "Amount",
};
pub(crate) const NOTE: Text = Text {
    id: "Catatan",
    en: "Note",
};
pub(crate) const OPTIONAL: Text = Text {
    id: "boleh kosong",
    en: "optional",
};
pub(crate) const BACK: Text = Text {
    id: "Kembali",
    en: "Back",
};
pub(crate) const CONTINUE: Text = Text {
    id: "Lanjut",
    en: "Continue",
};
pub(crate) const TRY_AGAIN: Text = Text {
    id: "Coba lagi",
    en: "Try again",
};
pub(crate) const REFRESH: Text = Text {
    id: "Perbarui",
    en: "Refresh",
};
pub(crate) const TO_WALLET_APP: Text = Text {
    id: "Ke dompet saya",
    en: "To my wallet",
};
pub(crate) const REFERENCE: Text = Text {
    id: "Nomor referensi",
    en: "Reference",
};
pub(crate) const TIME: Text = Text {
    id: "Waktu",
    en: "Time",
};
pub(crate) const SUMMARY_ONE: Text = Text {
    id: "Ada yang perlu diperbaiki",
    en: "Something needs fixing",
};
pub(crate) const WORKING: Text = Text {
    id: "Sedang diproses…",
    en: "Working…",
};
pub(crate) const TYPE_DEPOSIT: Text = Text {
    id: "Isi saldo",
    en: "Top-up",
};
pub(crate) const TYPE_PAYMENT: Text = Text {
    id: "Pembayaran",
    en: "Payment",
};
pub(crate) const TYPE_TRANSFER: Text = Text {
    id: "Transfer",
    en: "Transfer",
};
pub(crate) const TYPE_REFUND: Text = Text {
    id: "Pengembalian dana",
    en: "Refund",
};
pub(crate) const TYPE_CAPTURE: Text = Text {
    id: "Penagihan",
    en: "Capture",
};
pub(crate) const TYPE_TOPUP: Text = Text {
    id: "Isi saldo (operator)",
    en: "Top-up (operator)",
};
pub(crate) const TYPE_DEDUCT: Text = Text {
    id: "Potongan (operator)",
    en: "Deduction (operator)",
};
pub(crate) const STATUS_PENDING: Text = Text {
    id: "Diproses",
    en: "Processing",
};
pub(crate) const STATUS_REVIEW: Text = Text {
    id: "Diperiksa",
    en: "Under review",
};
pub(crate) const STATUS_AUTHORIZED: Text = Text {
    id: "Ditahan",
    en: "On hold",
};
pub(crate) const STATUS_SUCCESS: Text = Text {
    id: "Berhasil",
    en: "Done",
};
pub(crate) const STATUS_FAILED: Text = Text {
    id: "Gagal",
    en: "Failed",
};
pub(crate) const STATUS_VOIDED: Text = Text {
    id: "Dilepas",
    en: "Released",
};
pub(crate) const STATUS_EXPIRED: Text = Text {
    id: "Kedaluwarsa",
    en: "Expired",
};
pub(crate) const WALLET_FROZEN: Text = Text {
    id: "Dibekukan",
    en: "Frozen",
};
