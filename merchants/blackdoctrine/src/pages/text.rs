//! How things are said to people, in Indonesian.

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::domain::order::{Order, QUANTITY_MAX, Status};
use crate::domain::shipping::Method;
use crate::error::Error;

/// Western Indonesian Time; it has no summer time, so no table of zones is needed.
const WIB: Offset = Offset::constant(7);

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// `Rp1.250.000`.
pub(super) fn rupiah(amount: i64) -> String {
    format!("Rp{}", number(amount))
}

/// `1.250.000`. Amounts and quantities are never negative.
pub(super) fn number(amount: i64) -> String {
    let digits = amount.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// `5 November 2026 pukul 17.00 WIB`.
pub(super) fn time(time: Timestamp) -> String {
    let clock = time.to_zoned(TimeZone::fixed(WIB));
    format!("{} pukul {:02}.{:02} WIB", date(time), clock.hour(), clock.minute())
}

/// `5 November 2026`.
pub(super) fn date(time: Timestamp) -> String {
    let date = time.to_zoned(TimeZone::fixed(WIB));
    // Months are 1 to 12.
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    format!("{} {month} {}", date.day(), date.year())
}

/// The name of a way of sending.
pub(super) const fn method(method: Method) -> &'static str {
    match method {
        Method::Reguler => "Reguler",
        Method::Express => "Express",
        Method::Kargo => "Kargo",
    }
}

/// What a way of sending costs: `Rp4.000 per kg, minimal 10 kg`.
pub(super) fn tariff(method: Method) -> String {
    let price = format!("{} per kg", rupiah(method.rupiah_per_kg()));
    match method.kg_min() {
        1 => price,
        kg_min => format!("{price}, minimal {kg_min} kg"),
    }
}

/// How an order's state looks and what it is called.
pub(super) fn status(order: &Order, now: Timestamp) -> (&'static str, &'static str) {
    match order.status_at(now) {
        _ if order.refunded == order.price.total => ("gone", "Dana dikembalikan"),
        Status::Pending => ("open", "Menunggu pembayaran"),
        Status::Processed => ("good", "Lunas, sedang disiapkan"),
        Status::Expired => ("gone", "Kedaluwarsa"),
        Status::Cancelled => ("gone", "Dibatalkan"),
        Status::RefundDue => ("open", "Menunggu pengembalian dana"),
    }
}

/// What went wrong and what to do about it.
pub(super) fn explain(error: &Error) -> String {
    let text = match error {
        Error::BadInput { field, .. } => return explain_field(field),
        Error::Unauthenticated => "Silakan masuk terlebih dahulu.",
        Error::WrongCredentials => "Email atau kata sandi salah.",
        Error::TooManyAttempts => "Terlalu banyak percobaan masuk. Coba lagi 15 menit lagi.",
        Error::AccountInactive => "Akun ini tidak aktif.",
        Error::EmailTaken => "Email ini sudah terdaftar. Silakan masuk, atau pakai email lain.",
        Error::NotFound(_) => "Yang Anda cari tidak ada.",
        Error::OutOfStock => "Stok tidak cukup untuk jumlah ini.",
        Error::NotCancellable => "Pesanan ini tidak bisa dibatalkan lagi.",
        Error::ProviderUnavailable => "Penyedia pembayaran sedang tidak tersedia. Coba lagi sebentar lagi.",
        Error::Internal(_) => "Terjadi kesalahan di pihak kami. Coba lagi sebentar lagi.",
    };
    text.to_owned()
}

fn explain_field(field: &str) -> String {
    let text = match field {
        "quantity" => return format!("Jumlah harus berupa angka 1 sampai {}.", number(QUANTITY_MAX)),
        "alamatPengiriman" => "Alamat harus 5 sampai 300 karakter.",
        "metodePengiriman" => "Pilih salah satu cara pengiriman.",
        "kotaTujuanId" => "Pilih salah satu kota tujuan.",
        "productId" => "Harga produk ini baru saja berubah. Periksa lagi, lalu pesan.",
        "nama" => "Nama harus 1 sampai 100 karakter.",
        "email" => "Tulis alamat email yang lengkap, misalnya nama@contoh.id.",
        "password" => "Kata sandi harus 8 sampai 128 karakter.",
        _ => "Isian ini tidak bisa diterima.",
    };
    text.to_owned()
}

pub(super) const fn status_code(error: &Error) -> StatusCode {
    match error {
        Error::BadInput { .. } | Error::WrongCredentials => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unauthenticated | Error::AccountInactive => StatusCode::FORBIDDEN,
        Error::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::EmailTaken | Error::OutOfStock | Error::NotCancellable => StatusCode::CONFLICT,
        Error::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_by_dots() {
        for (amount, expect) in [
            (0, "Rp0"),
            (999, "Rp999"),
            (1_000, "Rp1.000"),
            (59_000, "Rp59.000"),
            (1_250_000, "Rp1.250.000"),
            (123_456_789_012, "Rp123.456.789.012"),
        ] {
            assert_eq!(rupiah(amount), expect);
        }
    }

    #[test]
    fn times_are_of_western_indonesia() {
        for (instant, expect) in [
            ("2026-11-05T10:00:00Z", "5 November 2026 pukul 17.00 WIB"),
            ("2026-12-31T17:05:59Z", "1 Januari 2027 pukul 00.05 WIB"),
        ] {
            assert_eq!(time(instant.parse().unwrap()), expect);
        }
    }
}
