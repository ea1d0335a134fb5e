//! The wallet app.

use super::Text;

pub(crate) const HOME: Text = Text {
    id: "Dompet",
    en: "Wallets",
};
pub(crate) const CODE: Text = Text {
    id: "Kode dari aplikasi autentikator",
    en: "Code of your authenticator app",
};
pub(crate) const TOPUP: Text = Text {
    id: "Isi saldo",
    en: "Top up",
};
pub(crate) const TRANSFER: Text = Text {
    id: "Transfer",
    en: "Transfer",
};
pub(crate) const HISTORY: Text = Text {
    id: "Riwayat",
    en: "History",
};
pub(crate) const DEVICES: Text = Text {
    id: "Perangkat",
    en: "Devices",
};
pub(crate) const SECURITY: Text = Text {
    id: "Keamanan",
    en: "Security",
};
pub(crate) const PROFILE: Text = Text {
    id: "Profil",
    en: "Profile",
};
pub(crate) const MAIN_MENU: Text = Text {
    id: "Menu utama",
    en: "Main menu",
};
pub(crate) const PAY_BILL: Text = Text {
    id: "Bayar tagihan",
    en: "Pay a bill",
};
pub(crate) const HELLO: Text = Text {
    id: "Halo, {}",
    en: "Hello, {}",
};
pub(crate) const TOTAL: Text = Text {
    id: "Total saldo",
    en: "Total balance",
};
pub(crate) const YOUR_WALLETS: Text = Text {
    id: "Dompet Anda",
    en: "Your wallets",
};
pub(crate) const NO_WALLETS: Text = Text {
    id: "Belum ada dompet. Buka yang pertama di bawah ini.",
    en: "There is no wallet yet. Open your first one below.",
};
pub(crate) const NEW_WALLET: Text = Text {
    id: "Buka dompet baru",
    en: "Open a new wallet",
};
pub(crate) const WALLET_NAME: Text = Text {
    id: "Nama dompet",
    en: "Wallet name",
};
pub(crate) const CREATE: Text = Text {
    id: "Buka dompet",
    en: "Open wallet",
};
pub(crate) const WALLET_CREATED: Text = Text {
    id: "Dompet sudah dibuka.",
    en: "The wallet is open.",
};
pub(crate) const RECENT: Text = Text {
    id: "Terakhir",
    en: "Recent",
};
pub(crate) const SEE_ALL: Text = Text {
    id: "Lihat semua",
    en: "See all",
};
pub(crate) const NOTHING_YET: Text = Text {
    id: "Belum ada transaksi.",
    en: "Nothing has happened yet.",
};
pub(crate) const NOTHING_FOUND: Text = Text {
    id: "Tidak ada transaksi yang cocok.",
    en: "No transaction matches.",
};
pub(crate) const FROZEN_NOTE: Text = Text {
    id: "Dompet yang dibekukan tetap menyimpan uangnya, tetapi tidak bisa mengirim atau menerima.",
    en: "A frozen wallet keeps its money but can neither send nor receive.",
};
pub(crate) const SIGN_IN_TITLE: Text = Text {
    id: "Masuk ke dompet Anda",
    en: "Sign in to your wallet",
};
pub(crate) const REGISTER_TITLE: Text = Text {
    id: "Buat akun Sawit",
    en: "Create a Sawit account",
};
pub(crate) const REGISTER_BUTTON: Text = Text {
    id: "Buat akun",
    en: "Create account",
};
pub(crate) const HAVE_ACCOUNT: Text = Text {
    id: "Sudah punya akun?",
    en: "Have an account?",
};
pub(crate) const USERNAME_HINT: Text = Text {
    id: "Orang lain bisa mengirim uang dengan nama ini.",
    en: "Others can send you money by this name.",
};
pub(crate) const PASSWORD_HINT: Text = Text {
    id: "Paling sedikit 8 karakter.",
    en: "At least 8 characters.",
};
pub(crate) const SIGNED_OUT: Text = Text {
    id: "Anda sudah keluar.",
    en: "You are signed out.",
};
pub(crate) const TOPUP_TEXT: Text = Text {
    id: "Uang percobaan dari bank tiruan, langsung masuk.",
    en: "Play money from a simulated bank, there at once.",
};
pub(crate) const TOPUP_LIVE: Text = Text {
    id: "Isi saldo dilakukan lewat bank Anda. Operator Sawit mencatatnya setelah uang masuk.",
    en: "Top up through your bank. A Sawit operator books it once the money has arrived.",
};
pub(crate) const TOPUP_TO: Text = Text {
    id: "Ke dompet",
    en: "Into wallet",
};
pub(crate) const AMOUNT_HINT: Text = Text {
    id: "Misalnya 50.000",
    en: "For example 50.000",
};
pub(crate) const TRANSFER_TEXT: Text = Text {
    id: "Kirim ke pengguna Sawit lain. Namanya tampil sebelum Anda mengirim.",
    en: "Send to another Sawit user. You see their name before anything is sent.",
};
pub(crate) const TO_WHOM: Text = Text {
    id: "Email atau nama pengguna penerima",
    en: "Recipient's email or username",
};
pub(crate) const FROM_WALLET: Text = Text {
    id: "Dari dompet",
    en: "From wallet",
};
pub(crate) const CHECK: Text = Text {
    id: "Periksa dulu",
    en: "Check first",
};
pub(crate) const CONFIRM_TITLE: Text = Text {
    id: "Benar orang ini?",
    en: "Is this the right person?",
};
pub(crate) const CONFIRM_TEXT: Text = Text {
    id: "Transfer tidak bisa dibatalkan. Periksa nama dan jumlahnya.",
    en: "A transfer cannot be taken back. Check name and amount.",
};
pub(crate) const SEND: Text = Text {
    id: "Kirim {}",
    en: "Send {}",
};
pub(crate) const CHANGE: Text = Text {
    id: "Ubah",
    en: "Change",
};
pub(crate) const DONE_TITLE: Text = Text {
    id: "Transfer berhasil",
    en: "Transfer complete",
};
pub(crate) const TOPPED_UP_TITLE: Text = Text {
    id: "Saldo sudah diisi",
    en: "Topped up",
};
pub(crate) const REVIEW_TITLE: Text = Text {
    id: "Sedang diperiksa",
    en: "Being reviewed",
};
pub(crate) const REVIEW_TEXT: Text = Text {
    id: "Uang Anda aman: {} disisihkan di dompet Anda sampai pemeriksaan selesai. Jangan kirim lagi. Jika ditolak, uangnya langsung bisa dipakai lagi.",
    en: "Your money is reserved: {} is set aside in your wallet until the review is done. Do not send it again. If it is refused, the money is yours to spend at once.",
};
pub(crate) const PENDING_TITLE: Text = Text {
    id: "Sedang diproses",
    en: "Being processed",
};
pub(crate) const PENDING_TEXT: Text = Text {
    id: "Hasilnya tampil di sini dan di riwayat. Jangan kirim lagi.",
    en: "The outcome shows here and in your history. Do not send it again.",
};
pub(crate) const SAFELY_AGAIN: Text = Text {
    id: "Periksa dan coba lagi dengan aman",
    en: "Check and try again safely",
};
pub(crate) const FILTER_TYPE: Text = Text {
    id: "Jenis",
    en: "Type",
};
pub(crate) const FILTER_STATUS: Text = Text {
    id: "Status",
    en: "Status",
};
pub(crate) const FILTER_FROM: Text = Text {
    id: "Dari tanggal",
    en: "From date",
};
pub(crate) const FILTER_TO: Text = Text {
    id: "Sampai tanggal",
    en: "To date",
};
pub(crate) const FILTER_APPLY: Text = Text {
    id: "Tampilkan",
    en: "Show",
};
pub(crate) const FILTER_CLEAR: Text = Text {
    id: "Hapus saringan",
    en: "Clear filter",
};
pub(crate) const ALL: Text = Text { id: "Semua", en: "All" };
pub(crate) const DOWNLOAD: Text = Text {
    id: "Unduh CSV",
    en: "Download CSV",
};
pub(crate) const DOWNLOAD_HINT: Text = Text {
    id: "Sesuai saringan, paling banyak {} baris.",
    en: "As filtered, {} rows at most.",
};
pub(crate) const OLDER: Text = Text {
    id: "Lebih lama",
    en: "Older",
};
pub(crate) const NEWEST: Text = Text {
    id: "Ke yang terbaru",
    en: "To the newest",
};
pub(crate) const DEVICES_TEXT: Text = Text {
    id: "Di sini akun Anda sedang masuk. Keluarkan yang tidak Anda kenal, lalu ganti kata sandi.",
    en: "This is where you are signed in. Sign out what you do not know, then change your password.",
};
pub(crate) const THIS_DEVICE: Text = Text {
    id: "Perangkat ini",
    en: "This device",
};
pub(crate) const ANOTHER_DEVICE: Text = Text {
    id: "Perangkat lain",
    en: "Another device",
};
pub(crate) const SINCE: Text = Text {
    id: "Masuk sejak {}",
    en: "Signed in since {}",
};
pub(crate) const LAST_USED: Text = Text {
    id: "Terakhir dipakai {}",
    en: "Last used {}",
};
pub(crate) const FROM_ADDRESS: Text = Text {
    id: "dari {}",
    en: "from {}",
};
pub(crate) const END_SESSION: Text = Text {
    id: "Keluarkan",
    en: "Sign out",
};
pub(crate) const SESSION_ENDED: Text = Text {
    id: "Perangkat itu sudah dikeluarkan.",
    en: "That device is signed out.",
};
pub(crate) const PIN_TITLE: Text = Text { id: "PIN", en: "PIN" };
pub(crate) const PIN_TEXT: Text = Text {
    id: "PIN 6 angka mengonfirmasi pembayaran besar tanpa kata sandi.",
    en: "A 6-digit PIN confirms large payments without your password.",
};
pub(crate) const PIN_SET: Text = Text {
    id: "PIN sudah dipasang.",
    en: "A PIN is set.",
};
pub(crate) const PIN_NOT_SET: Text = Text {
    id: "PIN belum dipasang.",
    en: "No PIN is set.",
};
pub(crate) const PIN_NEW: Text = Text {
    id: "PIN baru",
    en: "New PIN",
};
pub(crate) const PIN_REPEAT: Text = Text {
    id: "Ulangi PIN",
    en: "Repeat PIN",
};
pub(crate) const PIN_SAVE: Text = Text {
    id: "Simpan PIN",
    en: "Save PIN",
};
pub(crate) const PIN_SAVED: Text = Text {
    id: "PIN sudah disimpan.",
    en: "Your PIN is saved.",
};
pub(crate) const PASSWORD_TITLE: Text = Text {
    id: "Ganti kata sandi",
    en: "Change password",
};
pub(crate) const PASSWORD_TEXT: Text = Text {
    id: "Perangkat lain akan dikeluarkan.",
    en: "Your other devices will be signed out.",
};
pub(crate) const PASSWORD_CURRENT: Text = Text {
    id: "Kata sandi sekarang",
    en: "Current password",
};
pub(crate) const PASSWORD_NEW: Text = Text {
    id: "Kata sandi baru",
    en: "New password",
};
pub(crate) const PASSWORD_REPEAT: Text = Text {
    id: "Ulangi kata sandi baru",
    en: "Repeat new password",
};
pub(crate) const PASSWORD_SAVE: Text = Text {
    id: "Ganti kata sandi",
    en: "Change password",
};
pub(crate) const PASSWORD_SAVED: Text = Text {
    id: "Kata sandi sudah diganti.",
    en: "Your password is changed.",
};
pub(crate) const MEMBER_SINCE: Text = Text {
    id: "Anggota sejak",
    en: "Member since",
};
pub(crate) const COLUMN_TIME: Text = Text {
    id: "Waktu (WIB)",
    en: "Time (WIB)",
};
pub(crate) const COLUMN_TRANSACTION: Text = Text {
    id: "Nomor transaksi",
    en: "Transaction",
};
pub(crate) const COLUMN_TYPE: Text = Text {
    id: "Jenis",
    en: "Type",
};
pub(crate) const COLUMN_DIRECTION: Text = Text {
    id: "Arah",
    en: "Direction",
};
pub(crate) const COLUMN_AMOUNT: Text = Text {
    id: "Jumlah (IDR)",
    en: "Amount (IDR)",
};
pub(crate) const COLUMN_STATUS: Text = Text {
    id: "Status",
    en: "Status",
};
pub(crate) const COLUMN_VA: Text = Text {
    id: "Nomor VA",
    en: "VA number",
};
pub(crate) const COLUMN_COUNTERPARTY: Text = Text {
    id: "Pihak lain",
    en: "Other side",
};
pub(crate) const COLUMN_WALLET: Text = Text {
    id: "Dompet",
    en: "Wallet",
};
pub(crate) const COLUMN_FAILURE: Text = Text {
    id: "Alasan gagal",
    en: "Failure",
};
pub(crate) const NEED_SIGN_IN: Text = Text {
    id: "Masuk dulu untuk membuka halaman ini.",
    en: "Sign in first to open this page.",
};
pub(crate) const PUT_IN: Text = Text {
    id: "{} masuk ke dompet Anda.",
    en: "{} is in your wallet.",
};
