//! What can go wrong, with the code a client sees.

/// The outcome of an operation that did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Names the field, so that a form can say it where it belongs.
    #[error("{field}: {rule}")]
    BadInput { field: &'static str, rule: String },
    #[error("Silakan login terlebih dahulu (log in first)")]
    Unauthenticated,
    #[error("Email atau password salah (wrong e-mail or password)")]
    WrongCredentials,
    #[error("Terlalu banyak percobaan, coba lagi nanti (too many attempts, try again later)")]
    TooManyAttempts,
    #[error("Akun tidak aktif (the account is not active)")]
    AccountInactive,
    #[error("Email sudah terdaftar (the e-mail is registered already)")]
    EmailTaken,
    #[error("{0} tidak ditemukan (not found)")]
    NotFound(&'static str),
    #[error("Stok tidak cukup (not enough in stock)")]
    OutOfStock,
    #[error("Order tidak bisa dibatalkan lagi (the order cannot be cancelled any more)")]
    NotCancellable,
    #[error("Penyedia pembayaran tidak tersedia, coba lagi (the payment provider is unavailable, try again)")]
    ProviderUnavailable,
    /// The cause is logged and never shown.
    #[error("Terjadi kesalahan (something went wrong)")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// Stable, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::BadInput { .. } => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::WrongCredentials => "WRONG_CREDENTIALS",
            Self::TooManyAttempts => "RATE_LIMITED",
            Self::AccountInactive => "ACCOUNT_INACTIVE",
            Self::EmailTaken => "EMAIL_TAKEN",
            Self::NotFound(_) => "NOT_FOUND",
            Self::OutOfStock => "OUT_OF_STOCK",
            Self::NotCancellable => "ORDER_NOT_CANCELLABLE",
            Self::ProviderUnavailable => "PAYMENT_PROVIDER_UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    pub(crate) fn bad_input(field: &'static str, rule: impl Into<String>) -> Self {
        Self::BadInput {
            field,
            rule: rule.into(),
        }
    }

    pub(crate) fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(cause: rusqlite::Error) -> Self {
        Self::internal(cause)
    }
}
