//! One entry, as it stands in the trail.

/// What an entry says. Plain text and integers, so that a row that somebody tampered with can be read, hashed and named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub history_id: String,
    /// What it is the entry of: one key, one entry.
    pub entry_key: String,
    /// The transaction.
    pub transaction_id: String,
    /// In whose list it stands.
    pub user_id: String,
    /// The amount in minor units.
    pub amount: i64,
    /// The currency's code.
    pub currency: String,
    /// DEPOSIT, PAYMENT, TRANSFER, …
    pub kind: String,
    /// SUCCESS, FAILED, …
    pub status: String,
    /// The bill that was paid.
    pub va_number: Option<String>,
    /// IN or OUT.
    pub direction: String,
    /// The user's wallet.
    pub wallet_id: Option<String>,
    /// Who was on the other side.
    pub counterparty: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// When it happened, in microseconds since the epoch.
    pub occurred_at: i64,
    /// When it was added to the trail, in microseconds since the epoch.
    pub recorded_at: i64,
}

impl Entry {
    /// True when both say the same; their ids and the times of recording may differ.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let named_alike = Self {
            history_id: self.history_id.clone(),
            recorded_at: self.recorded_at,
            ..other.clone()
        };
        *self == named_alike
    }

    /// True when both agree in all that the public mutation can tell: it knows no time and no other side.
    pub fn tells_the_same(&self, other: &Self) -> bool {
        let told = |entry: &Self| {
            (
                entry.transaction_id.clone(),
                entry.user_id.clone(),
                (entry.amount, entry.currency.clone()),
                (entry.kind.clone(), entry.status.clone()),
                entry.va_number.clone(),
            )
        };
        told(self) == told(other)
    }
}
