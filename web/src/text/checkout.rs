//! The hosted checkout.

use super::Text;

pub(crate) const TITLE: Text = Text {
    id: "Pembayaran ke {}",
    en: "Payment to {}",
};
pub(crate) const PAYING_TO: Text = Text {
    id: "Membayar ke",
    en: "Paying",
};
pub(crate) const ITEMS: Text = Text {
    id: "Rincian pesanan",
    en: "Order details",
};
pub(crate) const ORDER: Text = Text {
    id: "Pesanan",
    en: "Order",
};
pub(crate) const VA_NUMBER: Text = Text {
    id: "Nomor VA",
    en: "VA number",
};
pub(crate) const PAY_BEFORE: Text = Text {
    id: "Bayar sebelum",
    en: "Pay before",
};
pub(crate) const SHOPS_TIME: Text = Text {
    id: "Bayar sesuai batas waktu toko",
    en: "Pay within the shop's time limit",
};
pub(crate) const TIME_LEFT: Text = Text {
    id: "Sisa waktu",
    en: "Time left",
};
pub(crate) const MINUTES_LEFT_SOON: Text = Text {
    id: "Waktu pembayaran hampir habis.",
    en: "Time to pay is almost over.",
};
pub(crate) const SIGN_IN_TITLE: Text = Text {
    id: "Masuk untuk membayar",
    en: "Sign in to pay",
};
pub(crate) const SIGN_IN_HINT: Text = Text {
    id: "Pakai akun Sawit Anda. Toko tidak melihat kata sandi Anda.",
    en: "Use your Sawit account. The shop never sees your password.",
};
pub(crate) const NO_ACCOUNT: Text = Text {
    id: "Belum punya akun?",
    en: "No account yet?",
};
pub(crate) const SIGNED_IN_AS: Text = Text {
    id: "Masuk sebagai",
    en: "Signed in as",
};
pub(crate) const NOT_YOU: Text = Text {
    id: "Bukan Anda?",
    en: "Not you?",
};
pub(crate) const CHOOSE_WALLET: Text = Text {
    id: "Pilih dompet",
    en: "Choose a wallet",
};
pub(crate) const TOO_SMALL: Text = Text {
    id: "Saldo kurang {}",
    en: "{} short",
};
pub(crate) const HELD: Text = Text {
    id: "{} ditahan",
    en: "{} on hold",
};
pub(crate) const PAY_AMOUNT: Text = Text {
    id: "Bayar {}",
    en: "Pay {}",
};
pub(crate) const CANCEL: Text = Text {
    id: "Batal dan kembali ke {}",
    en: "Cancel and go back to {}",
};
pub(crate) const CONFIRM_TITLE: Text = Text {
    id: "Pastikan ini Anda",
    en: "Confirm it is you",
};
pub(crate) const CONFIRM_HINT: Text = Text {
    id: "Jumlah di atas {} perlu konfirmasi.",
    en: "Amounts above {} need a confirmation.",
};
pub(crate) const CONFIRM_PIN: Text = Text {
    id: "PIN 6 angka",
    en: "6-digit PIN",
};
pub(crate) const CONFIRM_PASSWORD: Text = Text {
    id: "Kata sandi akun Sawit",
    en: "Password of your Sawit account",
};
pub(crate) const USE_PASSWORD: Text = Text {
    id: "Pakai kata sandi saja",
    en: "Use your password instead",
};
pub(crate) const USE_PIN: Text = Text {
    id: "Pakai PIN saja",
    en: "Use your PIN instead",
};
pub(crate) const NO_WALLET_TITLE: Text = Text {
    id: "Anda belum punya dompet",
    en: "You have no wallet yet",
};
pub(crate) const NO_WALLET_TEXT: Text = Text {
    id: "Buka dompet dulu, gratis dan langsung jadi.",
    en: "Open one first; it is free and takes a moment.",
};
pub(crate) const OPEN_WALLET: Text = Text {
    id: "Buka dompet",
    en: "Open a wallet",
};
pub(crate) const FIRST_WALLET: Text = Text {
    id: "Dompet Utama",
    en: "Main wallet",
};
pub(crate) const TOO_LITTLE_TITLE: Text = Text {
    id: "Saldo belum cukup",
    en: "Not enough money",
};
pub(crate) const TOO_LITTLE_TEXT: Text = Text {
    id: "Tidak ada dompet dengan saldo cukup untuk pembayaran ini.",
    en: "No wallet has enough for this payment.",
};
pub(crate) const TOO_LITTLE_LIVE: Text = Text {
    id: "Isi saldo lewat bank Anda, lalu buka halaman ini lagi.",
    en: "Top up through your bank, then open this page again.",
};
pub(crate) const TOPUP_TITLE: Text = Text {
    id: "Isi saldo (percobaan)",
    en: "Top up (sandbox)",
};
pub(crate) const TOPUP_TEXT: Text = Text {
    id: "Uang percobaan dari bank tiruan. Setelah itu Anda kembali ke sini.",
    en: "Play money from a simulated bank. You come back here afterwards.",
};
pub(crate) const TOPUP_BUTTON: Text = Text {
    id: "Isi saldo",
    en: "Top up",
};
pub(crate) const TOPUP_DONE: Text = Text {
    id: "Saldo sudah diisi. Silakan lanjutkan pembayaran.",
    en: "Topped up. You can pay now.",
};
pub(crate) const WALLETS_DOWN_TITLE: Text = Text {
    id: "Dompet Anda belum bisa ditampilkan",
    en: "Your wallets cannot be shown now",
};
pub(crate) const WALLETS_DOWN_TEXT: Text = Text {
    id: "Layanan dompet sedang tidak menjawab. Uang Anda aman. Coba lagi sebentar lagi.",
    en: "The wallet service does not answer right now. Your money is safe. Try again in a moment.",
};
pub(crate) const PAID_TITLE: Text = Text {
    id: "Pembayaran berhasil",
    en: "Payment complete",
};
pub(crate) const PAID_TEXT: Text = Text {
    id: "{} sudah menerima pembayaran Anda.",
    en: "{} has received your payment.",
};
pub(crate) const ALREADY_PAID_TITLE: Text = Text {
    id: "Tagihan ini sudah lunas",
    en: "This bill is paid",
};
pub(crate) const ALREADY_PAID_TEXT: Text = Text {
    id: "Tidak ada lagi yang perlu dibayar.",
    en: "There is nothing left to pay.",
};
pub(crate) const AUTHORIZED_TITLE: Text = Text {
    id: "Dana ditahan",
    en: "Money on hold",
};
pub(crate) const AUTHORIZED_TEXT: Text = Text {
    id: "{} ditahan di dompet Anda dan baru berpindah saat {} menagihnya. Jika tidak ditagih, uangnya lepas sendiri.",
    en: "{} is held in your wallet and moves only when {} collects it. If it is not collected, it is released by itself.",
};
pub(crate) const AUTHORIZED_OTHER_TITLE: Text = Text {
    id: "Tidak perlu membayar lagi",
    en: "There is no need to pay again",
};
pub(crate) const AUTHORIZED_OTHER_TEXT: Text = Text {
    id: "Pembayaran lain untuk tagihan ini sudah diotorisasi.",
    en: "Another payment of this bill has been authorized.",
};
pub(crate) const EXPIRED_TITLE: Text = Text {
    id: "Waktu pembayaran habis",
    en: "The time to pay is over",
};
pub(crate) const EXPIRED_TEXT: Text = Text {
    id: "Tagihan ini tidak bisa dibayar lagi. Uang Anda tidak berkurang. Buat pesanan baru di {}.",
    en: "This bill can no longer be paid. No money was taken. Place a new order at {}.",
};
pub(crate) const CANCELLED_TITLE: Text = Text {
    id: "Tagihan dibatalkan",
    en: "The bill was cancelled",
};
pub(crate) const CANCELLED_TEXT: Text = Text {
    id: "{} membatalkan tagihan ini. Uang Anda tidak berkurang.",
    en: "{} cancelled this bill. No money was taken.",
};
pub(crate) const PENDING_TITLE: Text = Text {
    id: "Pembayaran sedang diproses",
    en: "The payment is being processed",
};
pub(crate) const PENDING_TEXT: Text = Text {
    id: "Jangan bayar lagi. Halaman ini memeriksa sendiri dan akan memberi tahu hasilnya.",
    en: "Do not pay again. This page checks by itself and will tell you the outcome.",
};
pub(crate) const REVIEW_TITLE: Text = Text {
    id: "Pembayaran sedang diperiksa",
    en: "The payment is being reviewed",
};
pub(crate) const REVIEW_TEXT: Text = Text {
    id: "Uang Anda aman: {} disisihkan di dompet Anda dan baru berpindah ke {} setelah pemeriksaan selesai. Jangan bayar lagi. Anda boleh menutup halaman ini, atau menunggu: hasilnya muncul di sini. Jika pembayaran ditolak, uangnya langsung bisa dipakai lagi.",
    en: "Your money is reserved: {} is set aside in your wallet and goes to {} only when the review is done. Do not pay again. You may close this page, or wait: the outcome appears here. If the payment is refused, the money is yours to spend at once.",
};
pub(crate) const REVIEW_OTHER_TITLE: Text = Text {
    id: "Pembayaran tagihan ini sedang diperiksa",
    en: "A payment of this bill is being reviewed",
};
pub(crate) const REVIEW_OTHER_TEXT: Text = Text {
    id: "Jangan bayar lagi. Jika pembayaran itu ditolak, tagihan ini bisa dibayar kembali.",
    en: "Do not pay again. If that payment is refused, this bill can be paid once more.",
};
pub(crate) const RETURN_TO: Text = Text {
    id: "Kembali ke {}",
    en: "Back to {}",
};
pub(crate) const RETURNING: Text = Text {
    id: "Anda akan kembali ke {} dalam {} detik.",
    en: "You go back to {} in {} seconds.",
};
pub(crate) const STAY: Text = Text {
    id: "Tetap di sini",
    en: "Stay here",
};
pub(crate) const CLOSE_TAB: Text = Text {
    id: "Anda boleh menutup halaman ini.",
    en: "You may close this page.",
};
pub(crate) const PAY_VA_TITLE: Text = Text {
    id: "Bayar tagihan",
    en: "Pay a bill",
};
pub(crate) const PAY_VA_TEXT: Text = Text {
    id: "Masukkan nomor virtual account dari toko.",
    en: "Enter the virtual account number from the shop.",
};
pub(crate) const PAY_VA_BUTTON: Text = Text {
    id: "Cari tagihan",
    en: "Find the bill",
};
pub(crate) const SEE_HISTORY: Text = Text {
    id: "Lihat riwayat",
    en: "See history",
};
pub(crate) const SESSION_GONE_TITLE: Text = Text {
    id: "Anda perlu masuk lagi",
    en: "Please sign in again",
};
pub(crate) const SESSION_GONE_TEXT: Text = Text {
    id: "Sesi Anda sudah berakhir, demi keamanan. Belum ada yang dibayar.",
    en: "Your session has ended, for safety. Nothing has been paid yet.",
};
pub(crate) const LINE: Text = Text {
    id: "{} × {}",
    en: "{} × {}",
};
pub(crate) const NEED_CONFIRM: Text = Text {
    id: "Isi PIN atau kata sandi untuk mengonfirmasi.",
    en: "Enter your PIN or password to confirm.",
};
pub(crate) const NEED_WALLET: Text = Text {
    id: "Pilih dompet untuk membayar.",
    en: "Choose a wallet to pay with.",
};
pub(crate) const STATUS_WATCH: Text = Text {
    id: "Status pembayaran diperiksa otomatis.",
    en: "The payment's status is checked automatically.",
};
pub(crate) const DAYS: Text = Text {
    id: "{} hari",
    en: "{} days",
};
pub(crate) const ALL_FROZEN_TITLE: Text = Text {
    id: "Dompet Anda dibekukan",
    en: "Your wallets are frozen",
};
pub(crate) const ALL_FROZEN_TEXT: Text = Text {
    id: "Uangnya tetap ada, tetapi tidak bisa bergerak. Hubungi bantuan Sawit.",
    en: "The money is still there but cannot move. Contact Sawit support.",
};
