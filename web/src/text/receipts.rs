//! Receipts, and the page that verifies them.

use super::Text;

pub(crate) const TITLE: Text = Text {
    id: "Bukti transaksi",
    en: "Receipt",
};
pub(crate) const TO: Text = Text { id: "Kepada", en: "To" };
pub(crate) const FROM: Text = Text { id: "Dari", en: "From" };
pub(crate) const ORDER: Text = Text {
    id: "Pesanan",
    en: "Order",
};
pub(crate) const HOLDER: Text = Text {
    id: "Pemilik akun",
    en: "Account holder",
};
pub(crate) const SEQUENCE: Text = Text {
    id: "Nomor riwayat",
    en: "History number",
};
pub(crate) const SIGNED: Text = Text {
    id: "Ditandatangani",
    en: "Signed",
};
pub(crate) const SIGNED_WHEN: Text = Text {
    id: "{}, bersama {} catatan",
    en: "{}, at {} entries",
};
pub(crate) const KEY_ID: Text = Text {
    id: "Nomor kunci",
    en: "Key id",
};
pub(crate) const NOT_PAID: Text = Text {
    id: "Bukan bukti pembayaran",
    en: "This is no proof of payment",
};
pub(crate) const NOT_PAID_TEXT: Text = Text {
    id: "Catatannya asli, tetapi statusnya: {}. Tidak ada uang yang sudah dibayarkan menurut catatan ini.",
    en: "The record is genuine, but its status is: {}. By this record no money has been paid.",
};
pub(crate) const PROVES: Text = Text {
    id: "Kode QR membuktikan bahwa Sawit menandatangani catatan ini: jumlah, status, waktu dan semua nomor. Nama, pesanan dan keterangan tidak ikut ditandatangani. Pengembalian dana sesudahnya tercatat sendiri.",
    en: "The QR code proves that Sawit has signed this record: amount, status, time and all numbers. Names, order and note are not part of what is signed. A later refund has a record of its own.",
};
pub(crate) const PRIVACY: Text = Text {
    id: "Kode, tautan dan berkasnya memuat isi bukti: jumlah, nomor akun, dompet dan tagihan. Berikan hanya kepada yang boleh mengetahuinya.",
    en: "Code, link and file carry what the receipt says: amount, and the numbers of account, wallet and bill. Give them only to those who may know.",
};
pub(crate) const PRINT: Text = Text {
    id: "Cetak",
    en: "Print",
};
pub(crate) const DOWNLOAD: Text = Text {
    id: "Unduh berkas (JSON)",
    en: "Download the file (JSON)",
};
pub(crate) const SEE_RECEIPT: Text = Text {
    id: "Lihat bukti",
    en: "See the receipt",
};
pub(crate) const QR_LABEL: Text = Text {
    id: "Kode QR untuk memeriksa bukti ini",
    en: "QR code to verify this receipt",
};
pub(crate) const SCAN: Text = Text {
    id: "Pindai untuk memeriksa di {}. Isinya tidak dikirim ke server.",
    en: "Scan to verify at {}. What it says is not sent to the server.",
};
pub(crate) const OPEN_CODE: Text = Text {
    id: "Periksa bukti ini",
    en: "Verify this receipt",
};
pub(crate) const TOO_LONG: Text = Text {
    id: "Kode ini tidak memuat bukti",
    en: "This code holds no proof",
};
pub(crate) const TOO_LONG_TEXT: Text = Text {
    id: "Isinya terlalu panjang untuk kode QR: kode ini hanya memuat nomor transaksi. Berikan berkas JSON, yang bisa diperiksa di {}.",
    en: "There is too much in it for a QR code: it only holds the transaction's number. Hand on the JSON file, which can be verified at {}.",
};
pub(crate) const ONLY_ID_TEXT: Text = Text {
    id: "Kode ini hanya memuat nomor transaksi. Minta berkas JSON dari pemilik bukti, lalu periksa di sini.",
    en: "It holds nothing but the transaction's number. Ask the receipt's owner for the JSON file, and verify that here.",
};
pub(crate) const NOT_YET: Text = Text {
    id: "Bukti belum siap",
    en: "The receipt is not ready yet",
};
pub(crate) const NOT_YET_TEXT: Text = Text {
    id: "Transaksi ini belum ditandatangani dalam riwayat. Biasanya hanya perlu beberapa saat.",
    en: "This transaction has not been signed for in the history yet. That usually takes a moment.",
};
pub(crate) const VERIFY_TITLE: Text = Text {
    id: "Periksa bukti transaksi",
    en: "Verify a receipt",
};
pub(crate) const VERIFY_TEXT: Text = Text {
    id: "Pindai kode QR pada bukti dengan kamera ponsel, atau berikan berkas, tautan atau kodenya di sini. Tidak perlu masuk.",
    en: "Scan the receipt's QR code with a phone's camera, or give its file, link or code here. You need not sign in.",
};
pub(crate) const NO_SCRIPT: Text = Text {
    id: "Tanpa JavaScript, isi kode QR tidak terbaca dari tautan: tempelkan seluruh tautan di bawah. Server Sawit yang memeriksanya.",
    en: "Without JavaScript the code cannot be read from its link: paste the whole link below. Sawit’s server then verifies it.",
};
pub(crate) const FILE: Text = Text {
    id: "Berkas bukti (JSON)",
    en: "The receipt’s file (JSON)",
};
pub(crate) const OR_PASTE: Text = Text {
    id: "Atau tempelkan isinya",
    en: "Or paste it",
};
pub(crate) const PASTE_HINT: Text = Text {
    id: "Isi berkas JSON, atau tautan dari kode QR.",
    en: "What stands in the JSON file, or the link from the QR code.",
};
pub(crate) const KEY: Text = Text {
    id: "Kunci publik dari sumber lain",
    en: "Public key from another source",
};
pub(crate) const KEY_HINT: Text = Text {
    id: "Jika dikosongkan, dipakai kunci yang tertera di halaman ini.",
    en: "When left empty, the keys that stand on this page are used.",
};
pub(crate) const VERIFY: Text = Text {
    id: "Periksa",
    en: "Verify",
};
pub(crate) const NOTHING_GIVEN: Text = Text {
    id: "Pilih berkas atau tempelkan bukti",
    en: "Choose a file or paste a receipt",
};
pub(crate) const NO_KEY: Text = Text {
    id: "Ini bukan kunci publik: bentuknya nama+id+base64",
    en: "This is no public key: it has the form name+id+base64",
};
pub(crate) const GENUINE: Text = Text {
    id: "Bukti ini asli",
    en: "This receipt is genuine",
};
pub(crate) const GENUINE_TEXT: Text = Text {
    id: "Sawit menandatangani catatan ini. Cocokkan isinya dengan yang Anda harapkan.",
    en: "Sawit has signed this record. Compare what it says with what you expect.",
};
pub(crate) const SIGNED_WITH: Text = Text {
    id: "Ditandatangani dengan kunci di bawah. Bandingkan dengan kunci yang Anda peroleh dari Sawit lewat jalan lain.",
    en: "Signed with the key below. Compare it with one that you got from Sawit some other way.",
};
pub(crate) const BY_SERVER: Text = Text {
    id: "Diperiksa oleh server Sawit.",
    en: "Verified by Sawit’s server.",
};
pub(crate) const BY_BROWSER: Text = Text {
    id: "Diperiksa di peramban ini; tidak ada yang dikirim.",
    en: "Verified in this browser; nothing was sent.",
};
pub(crate) const NOT_VERIFIED: Text = Text {
    id: "Tidak terbukti",
    en: "Not verified",
};
pub(crate) const MALFORMED_TEXT: Text = Text {
    id: "Ini bukan bukti Sawit yang utuh. Pastikan berkas atau tautannya disalin seluruhnya.",
    en: "This is no Sawit receipt, or not a whole one. Make sure that the file or link was copied in full.",
};
pub(crate) const DISAGREES_TEXT: Text = Text {
    id: "Isi yang terbaca berbeda dari yang ditandatangani: berkas ini telah diubah. Jangan dipercaya.",
    en: "What can be read in it is not what was signed: this file has been changed. Do not trust it.",
};
pub(crate) const NOT_INCLUDED_TEXT: Text = Text {
    id: "Catatan ini tidak termasuk dalam riwayat yang ditandatangani: bukti ini telah diubah. Jangan dipercaya.",
    en: "This record is not in the history that was signed: the receipt has been changed. Do not trust it.",
};
pub(crate) const UNKNOWN_KEY_TEXT: Text = Text {
    id: "Bukti ini ditandatangani dengan kunci lain, bukan kunci yang dipakai untuk memeriksa.",
    en: "It was signed with another key than the one it is verified with.",
};
pub(crate) const BAD_SIGNATURE_TEXT: Text = Text {
    id: "Tanda tangannya tidak cocok dengan isinya: bukti ini telah diubah. Jangan dipercaya.",
    en: "The signature does not belong to what it says: the receipt has been changed. Do not trust it.",
};
pub(crate) const CANNOT: Text = Text {
    id: "Peramban ini tidak bisa memeriksa sendiri",
    en: "This browser cannot verify by itself",
};
pub(crate) const CANNOT_TEXT: Text = Text {
    id: "Tekan “Periksa”: bukti dikirim ke server Sawit dan diperiksa di sana.",
    en: "Press “Verify”: the receipt is then sent to Sawit’s server and verified there.",
};
pub(crate) const KEYS_TITLE: Text = Text {
    id: "Kunci publik Sawit",
    en: "Sawit’s public keys",
};
pub(crate) const KEYS_TEXT: Text = Text {
    id: "Pemeriksaan hanya sebaik kuncinya. Bandingkan dengan kunci yang Anda peroleh dari Sawit lewat jalan lain, bukan dari pemberi bukti.",
    en: "A verification is as good as its key. Compare these with one that you got from Sawit some other way, not from whoever gave you the receipt.",
};
pub(crate) const YOURSELF_TITLE: Text = Text {
    id: "Memeriksa sendiri",
    en: "Verifying it yourself",
};
pub(crate) const YOURSELF_TEXT: Text = Text {
    id: "Anda tidak perlu percaya pada halaman ini. Dengan kunci publik, berkas atau tautan bisa diperiksa di komputer sendiri, tanpa jaringan:",
    en: "You need not trust this page. With the public key, the file or link can be verified on a computer of your own, without a network:",
};
