//! Payouts: money on its way from a merchant's wallet to its bank account.

use ids::{MerchantId, PayoutId, TransferId};
use money::Money;
use serde_json::{Map, Value, json};
use service::{ApiError, Timestamp};

use super::event::NewEvent;
use super::failure::{Failure, FailureCode};
use super::order::parse_description;

const ACCOUNT_NAME_CHARS_MAX: usize = 80;
const BANK_REFERENCE_CHARS_MAX: usize = 80;
const REASON_CHARS_MAX: usize = 200;

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutState {
    /// Whether the money has left the wallet is not settled yet.
    Pending,
    /// The money has left the wallet. The bank has it, or is given it until it answers.
    InTransit,
    /// The bank does not take it; the money goes back to the wallet.
    Returning,
    /// The bank says that it has arrived.
    Paid,
    /// The money is in the wallet: it never left, or it is back.
    Failed,
}

impl PayoutState {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InTransit => "IN_TRANSIT",
            Self::Returning => "RETURNING",
            Self::Paid => "PAID",
            Self::Failed => "FAILED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::InTransit,
            Self::Returning,
            Self::Paid,
            Self::Failed,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }

    /// Whether nothing changes any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Failed)
    }
}

/// An account at a bank, as far as it can be checked without asking the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    bank_code: String,
    number: String,
    holder: String,
}

impl BankAccount {
    /// Checks what a merchant gave.
    pub fn parse(bank_code: &str, number: &str, holder: &str) -> Result<Self, ApiError> {
        let is_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !(2..=12).contains(&bank_code.len()) || !bank_code.bytes().all(is_code) {
            return Err(ApiError::bad_input(
                "bankCode has 2 to 12 capital letters and digits, such as BCA",
            ));
        }
        if !(5..=34).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ApiError::bad_input("accountNumber has 5 to 34 digits"));
        }
        let is_blank = holder.chars().all(char::is_whitespace);
        let is_visible = !is_blank && !holder.chars().any(char::is_control);
        if !is_visible || holder.chars().count() > ACCOUNT_NAME_CHARS_MAX {
            let message = format!("accountName has 1 to {ACCOUNT_NAME_CHARS_MAX} visible characters");
            return Err(ApiError::bad_input(message));
        }
        Ok(Self {
            bank_code: bank_code.to_owned(),
            number: number.to_owned(),
            holder: holder.to_owned(),
        })
    }

    /// Which bank.
    pub fn bank_code(&self) -> &str {
        &self.bank_code
    }

    /// Which account.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// In whose name it is.
    pub fn holder(&self) -> &str {
        &self.holder
    }
}

/// What a merchant asks for.
#[derive(Clone, Debug)]
pub struct PayoutOrder {
    /// How much.
    pub amount: Money,
    /// Where to.
    pub account: BankAccount,
    /// A note of the merchant.
    pub description: Option<String>,
}

impl PayoutOrder {
    /// Checks what came.
    pub fn parse(amount: Money, account: BankAccount, description: Option<&str>) -> Result<Self, ApiError> {
        Ok(Self {
            amount,
            account,
            description: description.map(parse_description).transpose()?,
        })
    }

    /// What an idempotency key stands for.
    pub fn fingerprint(&self) -> Map<String, Value> {
        let fields = [
            ("amount", json!(self.amount.minor())),
            ("bankCode", json!(self.account.bank_code)),
            ("accountNumber", json!(self.account.number)),
            ("accountName", json!(self.account.holder)),
            ("description", json!(self.description)),
        ];
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// A payout as it stands.
#[derive(Clone, Debug)]
pub struct Payout {
    /// Its id. The transfer that takes the money has the same one with another prefix.
    pub payout_id: PayoutId,
    /// Whose money it is.
    pub merchant_id: MerchantId,
    /// How much.
    pub amount: Money,
    /// Where to.
    pub account: BankAccount,
    /// A note of the merchant.
    pub description: Option<String>,
    /// Where it stands.
    pub state: PayoutState,
    /// The transfer that would bring the money back.
    pub return_transfer_id: TransferId,
    /// The bank's name for it.
    pub bank_reference: Option<String>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: a sentence.
    pub failure_reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Payout {
    /// The transfer that takes the money out of the merchant's wallet.
    pub fn transfer_id(&self) -> TransferId {
        self.payout_id.retag::<ids::Transfer>()
    }

    /// What the merchant is told once it has ended.
    pub fn event(&self) -> NewEvent {
        let event_type = match self.state {
            PayoutState::Paid => "payout.paid",
            _ => "payout.failed",
        };
        NewEvent {
            // A payout ends once, so its id can name the event that says so.
            event_id: self.payout_id.retag::<ids::Event>(),
            merchant_id: self.merchant_id,
            subject: self.payout_id.to_string(),
            event_type,
            // The account stays out of it: webhooks are logged in many places, and who has the id can ask.
            data: json!({
                "payoutId": self.payout_id.as_str(),
                "status": self.state.as_str(),
                "amount": money::Decimal::from(self.amount),
                "currency": self.amount.currency().code(),
                "bankCode": self.account.bank_code,
                "bankReference": self.bank_reference,
                "failureCode": self.failure_code,
                "failureReason": self.failure_reason,
            }),
        }
    }
}

/// What the bank says of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BankReport {
    /// The money has arrived.
    Paid {
        /// The bank's name for it.
        reference: Option<String>,
    },
    /// The bank did not take it, or could not deliver it; it keeps nothing.
    Rejected {
        /// The bank's words.
        reason: String,
    },
}

impl BankReport {
    /// The money has arrived.
    pub fn paid(reference: Option<&str>) -> Result<Self, ApiError> {
        if let Some(reference) = reference {
            check_words("bankReference", reference, BANK_REFERENCE_CHARS_MAX)?;
        }
        Ok(Self::Paid {
            reference: reference.map(str::to_owned),
        })
    }

    /// The bank does not take it.
    pub fn rejected(reason: &str) -> Result<Self, ApiError> {
        check_words("reason", reason, REASON_CHARS_MAX)?;
        Ok(Self::Rejected {
            reason: reason.to_owned(),
        })
    }

    /// What a report makes of a payout; `None` when it only says again what is known.
    ///
    /// # Errors
    /// `CONFLICT` for what contradicts what is known: money that came back cannot have arrived as well.
    pub fn applied_to(&self, payout: &Payout) -> Result<Option<PayoutState>, ApiError> {
        let was_rejected = payout.failure_code.as_deref() == Some(FailureCode::PayoutRejected.as_str());
        match (payout.state, self) {
            (PayoutState::InTransit, Self::Paid { .. }) => Ok(Some(PayoutState::Paid)),
            (PayoutState::InTransit, Self::Rejected { .. }) => Ok(Some(PayoutState::Returning)),
            (PayoutState::Paid, Self::Paid { .. }) => Ok(None),
            (PayoutState::Returning | PayoutState::Failed, Self::Rejected { .. }) if was_rejected => Ok(None),
            (PayoutState::Pending, _) => Err(conflict("no bank has been given the payout yet")),
            (PayoutState::Paid, Self::Rejected { .. }) => Err(conflict("the payout was reported as paid before")),
            (PayoutState::Returning | PayoutState::Failed, _) => Err(conflict("the payout has failed")),
        }
    }

    /// Why the payout fails, if it does.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Paid { .. } => None,
            Self::Rejected { reason } => Some(Failure::new(FailureCode::PayoutRejected, reason.as_str())),
        }
    }
}

fn conflict(message: &str) -> ApiError {
    ApiError::new(service::ErrorCode::Conflict, message)
}

fn check_words(name: &str, text: &str, chars_max: usize) -> Result<(), ApiError> {
    let count = text.chars().count();
    if (1..=chars_max).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ApiError::bad_input(format!(
        "{name} has 1 to {chars_max} characters, without control characters"
    )))
}

#[cfg(test)]
mod tests {
    use money::Currency;
    use service::ErrorCode;

    use super::*;

    #[test]
    fn an_account_is_checked_as_far_as_that_is_possible_without_the_bank() {
        #[track_caller]
        fn check(bank_code: &str, number: &str, holder: &str, expect: bool) {
            let parsed = BankAccount::parse(bank_code, number, holder);
            assert_eq!(parsed.is_ok(), expect, "{bank_code:?} {number:?} {holder:?}");
        }
        let (longest, too_long) = ("1".repeat(34), "1".repeat(35));
        check("BCA", "12345", "Siti", true);
        check("B1", &longest, &"é".repeat(80), true);
        check("ABCDEFGHIJ12", "00000", "PT Toko, Tbk.", true);
        check("B", "12345", "Siti", false);
        check("ABCDEFGHIJ123", "12345", "Siti", false);
        check("bca", "12345", "Siti", false);
        check("BC-A", "12345", "Siti", false);
        check("BCA", "1234", "Siti", false);
        check("BCA", &too_long, "Siti", false);
        check("BCA", "1234a", "Siti", false);
        check("BCA", "١٢٣٤٥", "Siti", false);
        check("BCA", "12 345", "Siti", false);
        check("BCA", "12345", "", false);
        check("BCA", "12345", " \u{a0} ", false);
        check("BCA", "12345", "Siti\n", false);
        check("BCA", "12345", &"x".repeat(81), false);
    }

    #[test]
    fn a_report_counts_once_and_a_contradiction_never() {
        fn payout(state: PayoutState, failure_code: Option<FailureCode>) -> Payout {
            Payout {
                payout_id: PayoutId::generate(),
                merchant_id: MerchantId::generate(),
                amount: Money::new(100, Currency::Idr).unwrap(),
                account: BankAccount::parse("BCA", "12345", "Siti").unwrap(),
                description: None,
                state,
                return_transfer_id: TransferId::generate(),
                bank_reference: None,
                failure_code: failure_code.map(|code| code.as_str().to_owned()),
                failure_reason: None,
                created_at: Timestamp::from_micros(0),
                updated_at: Timestamp::from_micros(0),
            }
        }
        #[track_caller]
        fn check(
            state: PayoutState,
            code: Option<FailureCode>,
            paid: Result<Option<PayoutState>, ErrorCode>,
            rejected: Result<Option<PayoutState>, ErrorCode>,
        ) {
            let payout = payout(state, code);
            let said = |report: BankReport| report.applied_to(&payout).map_err(|error| error.code());
            assert_eq!(said(BankReport::paid(Some("R1")).unwrap()), paid, "{state:?} and paid");
            assert_eq!(
                said(BankReport::rejected("closed").unwrap()),
                rejected,
                "{state:?} and rejected"
            );
        }
        let conflict = Err(ErrorCode::Conflict);
        let (rejected, poor) = (Some(FailureCode::PayoutRejected), Some(FailureCode::InsufficientFunds));
        check(PayoutState::Pending, None, conflict, conflict);
        check(
            PayoutState::InTransit,
            None,
            Ok(Some(PayoutState::Paid)),
            Ok(Some(PayoutState::Returning)),
        );
        check(PayoutState::Returning, rejected, conflict, Ok(None));
        check(PayoutState::Failed, rejected, conflict, Ok(None));
        check(PayoutState::Failed, poor, conflict, conflict);
        check(PayoutState::Paid, None, Ok(None), conflict);
    }

    #[test]
    fn what_the_bank_says_is_bounded() {
        assert!(BankReport::rejected("").is_err());
        assert!(BankReport::rejected(&"x".repeat(201)).is_err());
        assert!(BankReport::rejected("a\nb").is_err());
        assert!(BankReport::paid(Some(&"x".repeat(81))).is_err());
        assert!(BankReport::paid(None).is_ok());
    }
}
