//! What can go wrong: what happened, what became of the money, what to do.

use super::Text;

pub(crate) const INSUFFICIENT: Text = Text {
    id: "Saldo dompet itu tidak cukup",
    en: "That wallet has too little money",
};
pub(crate) const INSUFFICIENT_TEXT: Text = Text {
    id: "Uang Anda tidak berkurang. Pilih dompet lain atau isi saldo dulu.",
    en: "No money was taken. Choose another wallet or top up first.",
};
pub(crate) const FRAUD: Text = Text {
    id: "Pembayaran ini tidak diizinkan",
    en: "This payment is not allowed",
};
pub(crate) const FRAUD_TEXT: Text = Text {
    id: "Pemeriksaan keamanan menolaknya. Uang Anda tidak berkurang. Hubungi bantuan Sawit jika menurut Anda ini keliru.",
    en: "A safety check refused it. No money was taken. Contact Sawit support if you think this is a mistake.",
};
pub(crate) const REVIEW_REJECTED: Text = Text {
    id: "Pembayaran ini ditolak setelah diperiksa",
    en: "This payment was refused after a review",
};
pub(crate) const REVIEW_REJECTED_TEXT: Text = Text {
    id: "Uang Anda tidak berkurang dan bisa dipakai lagi. Hubungi bantuan Sawit jika menurut Anda ini keliru.",
    en: "No money was taken, and you can spend it again. Contact Sawit support if you think this is a mistake.",
};
pub(crate) const BILL_GONE: Text = Text {
    id: "Toko tidak mengenal tagihan ini",
    en: "The shop does not know this bill",
};
pub(crate) const BILL_GONE_TEXT: Text = Text {
    id: "Uang Anda tidak berkurang. Periksa pesanan Anda di toko.",
    en: "No money was taken. Check your order at the shop.",
};
pub(crate) const BILL_PAID: Text = Text {
    id: "Tagihan ini sudah dibayar",
    en: "This bill has been paid already",
};
pub(crate) const BILL_PAID_TEXT: Text = Text {
    id: "Anda tidak perlu membayar lagi, dan tidak dipotong dua kali.",
    en: "You need not pay again, and you were not charged twice.",
};
pub(crate) const MISMATCH: Text = Text {
    id: "Jumlah tagihan berubah",
    en: "The bill's amount has changed",
};
pub(crate) const MISMATCH_TEXT: Text = Text {
    id: "Toko menyebut jumlah lain dari yang Anda lihat. Uang Anda tidak berkurang. Periksa jumlah yang baru sebelum membayar.",
    en: "The shop names another amount than you saw. No money was taken. Check the new amount before you pay.",
};
pub(crate) const BILL_EXPIRED: Text = Text {
    id: "Tagihan ini sudah kedaluwarsa",
    en: "This bill has expired",
};
pub(crate) const BILL_EXPIRED_TEXT: Text = Text {
    id: "Uang Anda tidak berkurang. Buat pesanan baru di toko.",
    en: "No money was taken. Place a new order at the shop.",
};
pub(crate) const IN_PROGRESS: Text = Text {
    id: "Tagihan ini sedang dibayar",
    en: "This bill is being paid",
};
pub(crate) const IN_PROGRESS_TEXT: Text = Text {
    id: "Pembayaran lain untuk tagihan ini sedang berjalan, mungkin di tab lain. Tunggu sebentar, lalu perbarui halaman.",
    en: "Another payment of this bill is under way, perhaps in another tab. Wait a moment, then refresh.",
};
pub(crate) const MERCHANT_DOWN: Text = Text {
    id: "Toko sedang tidak menjawab",
    en: "The shop does not answer",
};
pub(crate) const MERCHANT_DOWN_TEXT: Text = Text {
    id: "Tagihan belum bisa diperiksa di toko, jadi tidak ada yang dibayar. Coba lagi sebentar lagi.",
    en: "The bill cannot be checked with the shop, so nothing was paid. Try again in a moment.",
};
pub(crate) const FROZEN: Text = Text {
    id: "Dompet itu dibekukan",
    en: "That wallet is frozen",
};
pub(crate) const FROZEN_TEXT: Text = Text {
    id: "Uangnya tetap ada, tetapi tidak bisa bergerak. Pilih dompet lain atau hubungi bantuan Sawit.",
    en: "Its money is still there but cannot move. Choose another wallet or contact Sawit support.",
};
pub(crate) const WALLET_GONE: Text = Text {
    id: "Dompet itu tidak bisa dipakai",
    en: "That wallet cannot be used",
};
pub(crate) const WALLET_GONE_TEXT: Text = Text {
    id: "Dompetnya sudah ditutup atau tidak ada. Pilih dompet lain.",
    en: "It was closed or does not exist. Choose another wallet.",
};
pub(crate) const BALANCE_LIMIT: Text = Text {
    id: "Dompet tujuan penuh",
    en: "The receiving wallet is full",
};
pub(crate) const BALANCE_LIMIT_TEXT: Text = Text {
    id: "Uang tidak bisa masuk karena batas saldo. Tidak ada yang berpindah.",
    en: "The money cannot go in because of the balance limit. Nothing has moved.",
};
pub(crate) const TIMED_OUT: Text = Text {
    id: "Pembayaran tidak selesai pada waktunya",
    en: "The payment did not finish in time",
};
pub(crate) const TIMED_OUT_TEXT: Text = Text {
    id: "Pembayaran dibatalkan dan uang Anda tidak berkurang. Silakan coba lagi.",
    en: "It was called off and no money was taken. Please try again.",
};
pub(crate) const REFUSED: Text = Text {
    id: "Tidak bisa dilakukan",
    en: "This could not be done",
};
pub(crate) const REFUSED_TEXT: Text = Text {
    id: "Uang Anda tidak berkurang. Silakan coba lagi.",
    en: "No money was taken. Please try again.",
};
pub(crate) const DOWN: Text = Text {
    id: "Layanan sedang tidak menjawab",
    en: "The service does not answer",
};
pub(crate) const DOWN_TEXT: Text = Text {
    id: "Ini salah kami. Yang sudah tercatat tidak hilang. Coba lagi sebentar lagi.",
    en: "This is on us. Nothing that was recorded is lost. Try again in a moment.",
};
pub(crate) const PAY_UNKNOWN: Text = Text {
    id: "Hasil pembayaran belum diketahui",
    en: "The outcome is not known yet",
};
pub(crate) const PAY_UNKNOWN_TEXT: Text = Text {
    id: "Layanan tidak menjawab tepat waktu. Lihat riwayat Anda sebelum membayar lagi; tagihan yang sama tidak bisa dipotong dua kali.",
    en: "The service did not answer in time. Look at your history before you pay again; one bill is never charged twice.",
};
pub(crate) const ORDER_UNKNOWN: Text = Text {
    id: "Hasilnya belum diketahui",
    en: "The outcome is not known yet",
};
pub(crate) const ORDER_UNKNOWN_TEXT: Text = Text {
    id: "Layanan tidak menjawab tepat waktu, jadi ini mungkin sudah terjadi. Jangan buat yang baru. Tombol ini mengirim perintah yang sama, yang tidak pernah dijalankan dua kali.",
    en: "The service did not answer in time, so it may have happened. Do not start a new one. This button sends the very same order, which is never carried out twice.",
};
pub(crate) const ORDER_OVER: Text = Text {
    id: "Perintah ini sudah kedaluwarsa",
    en: "This order is too old",
};
pub(crate) const ORDER_OVER_TEXT: Text = Text {
    id: "Perintah lama tidak dikirim lagi. Jika sudah pernah Anda kirim, hasilnya ada di riwayat. Lihat dulu sebelum membuat yang baru.",
    en: "An old order is not sent again. If you had sent it before, its outcome is in your history. Look there before you make a new one.",
};
pub(crate) const NOT_FOUND: Text = Text {
    id: "Halaman tidak ditemukan",
    en: "Page not found",
};
pub(crate) const NOT_FOUND_TEXT: Text = Text {
    id: "Alamat ini tidak ada. Periksa kembali tautannya.",
    en: "This address does not exist. Please check the link.",
};
pub(crate) const NO_SESSION: Text = Text {
    id: "Tagihan tidak ditemukan",
    en: "Bill not found",
};
pub(crate) const NO_SESSION_TEXT: Text = Text {
    id: "Tautannya keliru atau tidak lengkap. Buka lagi dari toko.",
    en: "The link is wrong or incomplete. Open it again from the shop.",
};
pub(crate) const NO_VA: Text = Text {
    id: "Nomor VA tidak dikenal",
    en: "Unknown VA number",
};
pub(crate) const NO_VA_TEXT: Text = Text {
    id: "Tidak ada tagihan dengan nomor ini. Periksa angkanya atau buka lagi dari toko.",
    en: "There is no bill with this number. Check the digits or open it again from the shop.",
};
pub(crate) const BAD_RETURN: Text = Text {
    id: "Alamat kembali tidak dikenal",
    en: "Unknown return address",
};
pub(crate) const BAD_RETURN_TEXT: Text = Text {
    id: "Toko meminta kami mengirim Anda ke alamat yang tidak terdaftar, jadi kami berhenti di sini. Belum ada yang dibayar.",
    en: "The shop asked us to send you to an address it has not registered, so we stopped here. Nothing has been paid.",
};
pub(crate) const STALE: Text = Text {
    id: "Halaman ini sudah usang",
    en: "This page is out of date",
};
pub(crate) const STALE_TEXT: Text = Text {
    id: "Demi keamanan, formulir dari tab lama tidak dikirim. Buka lagi halamannya; tidak ada yang terjadi.",
    en: "For safety, the form of an old tab was not sent. Open the page again; nothing has happened.",
};
pub(crate) const TOO_LARGE: Text = Text {
    id: "Isian terlalu besar",
    en: "Too much was sent",
};
pub(crate) const TOO_LARGE_TEXT: Text = Text {
    id: "Formulir ini hanya menerima isian pendek.",
    en: "This form takes short entries only.",
};
pub(crate) const TOO_OFTEN: Text = Text {
    id: "Terlalu banyak percobaan",
    en: "Too many attempts",
};
pub(crate) const TOO_OFTEN_TEXT: Text = Text {
    id: "Tunggu {} lalu coba lagi. Ini melindungi akun Anda.",
    en: "Wait {} and try again. This protects your account.",
};
pub(crate) const SECONDS: Text = Text {
    id: "{} detik",
    en: "{} seconds",
};
pub(crate) const MINUTES: Text = Text {
    id: "{} menit",
    en: "{} minutes",
};
pub(crate) const A_MOMENT: Text = Text {
    id: "sebentar",
    en: "a moment",
};
pub(crate) const WRONG_LOGIN: Text = Text {
    id: "Email atau kata sandi salah.",
    en: "Wrong email or password.",
};
pub(crate) const CODE_NEEDED: Text = Text {
    id: "Ketik kata sandi sekali lagi, dan enam angka dari aplikasi autentikator Anda (atau kode pemulihan).",
    en: "Type your password again, and the six digits of your authenticator app (or a recovery code).",
};
pub(crate) const WRONG_CODE: Text = Text {
    id: "Kode itu salah, kedaluwarsa, atau sudah dipakai. Tunggu kode berikutnya.",
    en: "That code is wrong, too old, or was used already. Wait for the next one.",
};
pub(crate) const WRONG_PASSWORD: Text = Text {
    id: "Kata sandi salah.",
    en: "The password is wrong.",
};
pub(crate) const WRONG_PIN: Text = Text {
    id: "PIN salah.",
    en: "The PIN is wrong.",
};
pub(crate) const NO_PIN: Text = Text {
    id: "PIN belum dipasang; pakai kata sandi.",
    en: "No PIN is set; use your password.",
};
pub(crate) const BAD_PIN: Text = Text {
    id: "PIN terdiri dari 6 angka, bukan angka kembar atau urut.",
    en: "A PIN has 6 digits, not all the same and not in a row.",
};
pub(crate) const PINS_DIFFER: Text = Text {
    id: "Kedua PIN tidak sama.",
    en: "The two PINs differ.",
};
pub(crate) const PASSWORDS_DIFFER: Text = Text {
    id: "Kedua kata sandi tidak sama.",
    en: "The two passwords differ.",
};
pub(crate) const BAD_PASSWORD: Text = Text {
    id: "Kata sandi harus 8 sampai 128 karakter dan tidak terlalu umum.",
    en: "A password has 8 to 128 characters and must not be a common one.",
};
pub(crate) const BAD_EMAIL: Text = Text {
    id: "Tulis alamat email yang lengkap.",
    en: "Enter a complete email address.",
};
pub(crate) const EMAIL_TAKEN: Text = Text {
    id: "Email atau nama pengguna ini sudah terdaftar.",
    en: "This email or username is already registered.",
};
pub(crate) const BAD_USERNAME: Text = Text {
    id: "Nama pengguna: 3 sampai 32 huruf, angka, titik, garis bawah atau tanda hubung.",
    en: "A username has 3 to 32 letters, digits, dots, underscores or hyphens.",
};
pub(crate) const BAD_FULLNAME: Text = Text {
    id: "Tulis nama Anda, paling banyak 100 karakter.",
    en: "Enter your name, 100 characters at most.",
};
pub(crate) const BAD_AMOUNT: Text = Text {
    id: "Tulis jumlah rupiah lebih dari nol, misalnya 50.000.",
    en: "Enter an amount in rupiah above zero, such as 50.000.",
};
pub(crate) const BAD_WALLET_NAME: Text = Text {
    id: "Nama dompet: 1 sampai 60 karakter.",
    en: "A wallet's name has 1 to 60 characters.",
};
pub(crate) const BAD_NOTE: Text = Text {
    id: "Catatan paling banyak 200 karakter.",
    en: "A note has 200 characters at most.",
};
pub(crate) const TOO_MANY_WALLETS: Text = Text {
    id: "Jumlah dompet sudah sampai batas.",
    en: "You have as many wallets as there can be.",
};
pub(crate) const NEEDED: Text = Text {
    id: "Isian ini diperlukan.",
    en: "This is needed.",
};
pub(crate) const BAD_DATE: Text = Text {
    id: "Tulis tanggal seperti 2026-11-25.",
    en: "Enter a date such as 2026-11-25.",
};
pub(crate) const NO_RECIPIENT: Text = Text {
    id: "Tidak ada pengguna dengan email atau nama itu.",
    en: "There is nobody with that email or username.",
};
pub(crate) const RECIPIENT_WITHOUT_WALLET: Text = Text {
    id: "Penerima belum punya dompet.",
    en: "The recipient has no wallet yet.",
};
pub(crate) const SAME_WALLET: Text = Text {
    id: "Itu dompet yang sama. Pilih dompet asal yang lain.",
    en: "That is the same wallet. Choose another one to send from.",
};
