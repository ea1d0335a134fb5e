//! What may become an entry: every text is short and harmless, every amount in range.

use money::{Currency, MinorUnits};
use service::Reference;

use super::direction::Direction;
use super::entry::Entry;

const LABEL_BYTES_MAX: usize = 32;
/// Two references, a label and what joins them fit.
const KEY_BYTES_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 200;

/// An entry as somebody tells it.
#[derive(Clone, Debug)]
pub struct EntryInput {
    /// See [`Entry`], also for the rest.
    pub entry_key: String,
    /// The transaction.
    pub transaction_id: String,
    /// In whose list it stands.
    pub user_id: String,
    /// The amount in minor units.
    pub amount: MinorUnits,
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
}

/// What is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InputError {
    field: &'static str,
    problem: String,
}

impl EntryInput {
    /// Checks everything and gives the entry its name.
    pub fn into_entry(self, history_id: String, recorded_at: i64) -> Result<Entry, InputError> {
        check_key("entryKey", &self.entry_key)?;
        check_reference("transactionId", Some(&self.transaction_id))?;
        check_reference("userId", Some(&self.user_id))?;
        check_amount(self.amount, &self.currency)?;
        check_label("type", &self.kind)?;
        check_label("status", &self.status)?;
        check_reference("vaNumber", self.va_number.as_deref())?;
        check_reference("walletId", self.wallet_id.as_deref())?;
        if let Some(code) = &self.failure_code {
            check_label("failureCode", code)?;
        }
        if let Some(name) = &self.counterparty {
            check_name("counterparty", name)?;
        }
        let direction =
            Direction::parse(&self.direction).ok_or_else(|| refuse("direction", "IN or OUT is expected"))?;
        Ok(Entry {
            history_id,
            entry_key: self.entry_key,
            transaction_id: self.transaction_id,
            user_id: self.user_id,
            amount: self.amount.0,
            currency: self.currency,
            kind: self.kind,
            status: self.status,
            va_number: self.va_number,
            direction: direction.as_str().to_owned(),
            wallet_id: self.wallet_id,
            counterparty: self.counterparty,
            failure_code: self.failure_code,
            occurred_at: self.occurred_at,
            recorded_at,
        })
    }
}

/// A type, status or code: 1 to 32 of `A`–`Z` and `_`.
pub fn check_label(field: &'static str, text: &str) -> Result<(), InputError> {
    let fits = (1..=LABEL_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if fits {
        Ok(())
    } else {
        Err(refuse(
            field,
            format!("1 to {LABEL_BYTES_MAX} of A to Z and _ are expected"),
        ))
    }
}

fn check_reference(field: &'static str, text: Option<&str>) -> Result<(), InputError> {
    text.map_or(Ok(()), Reference::check)
        .map_err(|error| refuse(field, error.to_string()))
}

fn check_key(field: &'static str, text: &str) -> Result<(), InputError> {
    if (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(refuse(
            field,
            format!("1 to {KEY_BYTES_MAX} visible ASCII characters are expected"),
        ))
    }
}

fn check_name(field: &'static str, text: &str) -> Result<(), InputError> {
    if (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(refuse(
            field,
            format!("1 to {NAME_CHARS_MAX} characters are expected, no control characters"),
        ))
    }
}

fn check_amount(amount: MinorUnits, currency: &str) -> Result<(), InputError> {
    let currency: Currency = currency
        .parse()
        .map_err(|error: money::MoneyError| refuse("currency", error.to_string()))?;
    match amount.to_money(currency) {
        Ok(money) if money.is_negative() => Err(refuse("amount", "it must not be negative")),
        Ok(_) => Ok(()),
        Err(error) => Err(refuse("amount", error.to_string())),
    }
}

fn refuse(field: &'static str, problem: impl Into<String>) -> InputError {
    InputError {
        field,
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> EntryInput {
        EntryInput {
            entry_key: "trx_1:SUCCESS:usr_1".into(),
            transaction_id: "trx_1".into(),
            user_id: "usr_1".into(),
            amount: MinorUnits(2_000_000),
            currency: "IDR".into(),
            kind: "PAYMENT".into(),
            status: "SUCCESS".into(),
            va_number: Some("DS-88001".into()),
            direction: "OUT".into(),
            wallet_id: None,
            counterparty: Some("Toko Sawit & Söhne".into()),
            failure_code: None,
            occurred_at: 5,
        }
    }

    #[test]
    fn each_field_is_checked() {
        #[track_caller]
        fn check(change: impl Fn(&mut EntryInput), field: Option<&str>) {
            let mut input = good();
            change(&mut input);
            let refused = input.into_entry("hst_1".into(), 6).err().map(|error| error.field);
            assert_eq!(refused, field);
        }
        check(|_| {}, None);
        check(|input| input.entry_key = String::new(), Some("entryKey"));
        check(|input| input.entry_key = "x".repeat(201), Some("entryKey"));
        check(|input| input.transaction_id = "x".repeat(64), None);
        check(|input| input.transaction_id = "x".repeat(65), Some("transactionId"));
        check(|input| input.user_id = "a b".into(), Some("userId"));
        check(|input| input.user_id = "ä".into(), Some("userId"));
        check(|input| input.amount = MinorUnits(-1), Some("amount"));
        check(|input| input.amount = MinorUnits(0), None);
        check(|input| input.amount = MinorUnits(i64::MAX), Some("amount"));
        check(|input| input.currency = "USD".into(), Some("currency"));
        check(|input| input.kind = "payment".into(), Some("type"));
        check(|input| input.kind = "A_".repeat(16), None);
        check(|input| input.kind = "A".repeat(33), Some("type"));
        check(|input| input.status = String::new(), Some("status"));
        check(|input| input.va_number = Some(String::new()), Some("vaNumber"));
        check(|input| input.wallet_id = Some("\n".into()), Some("walletId"));
        check(|input| input.failure_code = Some("no".into()), Some("failureCode"));
        check(
            |input| input.counterparty = Some("a\u{1b}[2J".into()),
            Some("counterparty"),
        );
        check(|input| input.counterparty = Some("é".repeat(201)), Some("counterparty"));
        check(|input| input.direction = "UP".into(), Some("direction"));
    }
}
