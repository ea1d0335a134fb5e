//! Opens the checkout of a bill by its VA number: the bill becomes a session, or is one.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ids::PaymentSessionId;
use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};

use super::App;
use crate::clients::merchant::BillAnswer;
use crate::domain::{
    Bill, BillStanding, CaptureMode, FailureCode, Merchant, MerchantStatus, PaymentSession, SessionSource,
    SessionState, VaNumber,
};
use crate::store::bill_claims::{self, Claim};
use crate::store::sessions;

/// How long a marketplace's bill can be paid is the marketplace's to say, which is asked whenever somebody pays. This only
/// bounds how long a session is kept open for a bill that nobody pays.
const BILL_KEPT_FOR: Duration = Duration::from_secs(180 * 24 * 3_600);

impl App {
    /// The session of the bill with this number, which is made if there is none.
    pub async fn open_checkout(
        &self,
        address: Option<IpAddr>,
        va_number: &str,
        return_url: Option<&str>,
    ) -> Result<(PaymentSession, Arc<Merchant>), ApiError> {
        self.limits.checkouts.admit(address)?;
        let va_number = VaNumber::parse(va_number).map_err(ApiError::bad_input)?;
        let known = self.find_by_va(va_number.clone()).await?;
        let merchant = match &known {
            Some(session) => self.merchants.get(session.merchant_id),
            None => self.merchants.of_va(&va_number),
        };
        let merchant = merchant.ok_or_else(|| ApiError::not_found("bill"))?;
        let return_url = return_url
            .map(|text| merchant.parse_return_url("returnUrl", text))
            .transpose()?;
        let bill = match &known {
            Some(session) if session.source != SessionSource::Bill || session.state != SessionState::Open => None,
            // The bill is the marketplace's, by the number as it was first told, and may be over another amount by now.
            Some(session) => self.ask_for_bill(&merchant, &session.va_number, true).await?,
            None => self.ask_for_bill(&merchant, &va_number, false).await?,
        };
        let opening = OpeningBill {
            session_id: PaymentSessionId::generate_random(),
            merchant: Arc::clone(&merchant),
            va_number,
            bill,
            return_url,
            now: self.clock.now(),
        };
        let session = self.database.write(move |tx| opening.open_in(tx)).await?;
        self.runner.session_changed(session.session_id);
        Ok((session, merchant))
    }

    async fn find_by_va(&self, va_number: VaNumber) -> Result<Option<PaymentSession>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| sessions::find_by_va(snapshot, &va_number));
        found.await.map_err(ApiError::from)
    }

    /// The bill as its marketplace tells it. A marketplace that is silent does not take back what it told before
    /// (`known`): it is asked again before money moves.
    async fn ask_for_bill(
        &self,
        merchant: &Merchant,
        va_number: &VaNumber,
        known: bool,
    ) -> Result<Option<Bill>, ApiError> {
        if merchant.status == MerchantStatus::Suspended {
            return Err(unavailable("the merchant takes no payments now"));
        }
        let order_url = merchant.order_url.as_ref().ok_or_else(|| ApiError::not_found("bill"))?;
        let bill = match self.runner.bills.get(order_url, va_number.clone()).await {
            BillAnswer::Known(bill) => bill,
            BillAnswer::Unknown => return Err(ApiError::not_found("bill")),
            BillAnswer::NoAnswer(_) if known => return Ok(None),
            BillAnswer::NoAnswer(reason) => {
                tracing::info!(merchant = %merchant.merchant_id, reason, "the merchant gave no usable answer");
                return Err(unavailable("the merchant does not answer now; try again"));
            }
        };
        match bill.standing {
            BillStanding::Payable => Ok(Some(bill)),
            BillStanding::Paid => Err(conflict(FailureCode::BillAlreadyPaid, "the bill has been paid")),
            BillStanding::Expired => Err(conflict(
                FailureCode::BillExpired,
                "the bill has expired or was cancelled",
            )),
        }
    }
}

/// All that the commit needs.
struct OpeningBill {
    session_id: PaymentSessionId,
    merchant: Arc<Merchant>,
    va_number: VaNumber,
    /// As the marketplace told it; `None` when it was not asked, or is silent.
    bill: Option<Bill>,
    return_url: Option<String>,
    now: Timestamp,
}

impl OpeningBill {
    fn open_in(&self, tx: &mut Tx<'_>) -> Result<PaymentSession, ApiError> {
        let claim = bill_claims::find(tx, self.merchant.merchant_id, self.va_number.as_str())?;
        let session_id = match sessions::find_by_va(tx, &self.va_number)? {
            Some(session) => {
                self.update(tx, &session, claim)?;
                session.session_id
            }
            None => self.insert(tx, claim)?,
        };
        sessions::find(tx, session_id)?.ok_or_else(|| ApiError::not_found("bill"))
    }

    fn insert(&self, tx: &mut Tx<'_>, claim: Option<Claim>) -> Result<PaymentSessionId, ApiError> {
        match claim {
            // A payment that began without a session would end without marking this one paid.
            Some(Claim::Paid) => return Err(conflict(FailureCode::BillAlreadyPaid, "the bill has been paid")),
            Some(Claim::Granted | Claim::InProgress) => {
                return Err(conflict(
                    FailureCode::BillPaymentInProgress,
                    "another payment of this bill is under way",
                ));
            }
            None => {}
        }
        let bill = self.bill.as_ref().ok_or_else(|| ApiError::not_found("bill"))?;
        let mut session = PaymentSession {
            session_id: self.session_id,
            merchant_id: self.merchant.merchant_id,
            source: SessionSource::Bill,
            order_id: bill.order_id.clone(),
            va_number: self.va_number.clone(),
            amount: bill.amount,
            description: None,
            items: Vec::new(),
            metadata: Vec::new(),
            capture_mode: CaptureMode::Automatic,
            return_url: self.return_url.clone(),
            cancel_url: None,
            state: SessionState::Open,
            transaction_id: None,
            version: 1,
            expires_at: self.now.after(BILL_KEPT_FOR),
            paid_at: None,
            created_at: self.now,
            updated_at: self.now,
        };
        if let Some(order_id) = &session.order_id
            && sessions::find_by_order(tx, session.merchant_id, order_id)?.is_some()
        {
            // A marketplace whose ids are not unique (or an order that was opened under another number) is paid all the
            // same; it cannot ask for this one by that id.
            session.order_id = None;
        }
        if !sessions::insert(tx, &session, &[])? {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "the bill was opened by somebody else; try again",
            ));
        }
        Ok(session.session_id)
    }

    fn update(&self, tx: &mut Tx<'_>, session: &PaymentSession, claim: Option<Claim>) -> Result<(), StoreError> {
        if session.state != SessionState::Open || session.source == SessionSource::Api {
            return Ok(());
        }
        // The first to say where its buyer goes has said it: whoever else knows the number must not lead them elsewhere.
        if let Some(return_url) = self.return_url.as_ref().filter(|_| session.return_url.is_none()) {
            sessions::set_return_url(tx, session.session_id, return_url)?;
        }
        // Whoever is paying now pays the amount that they saw; whoever saw this one and pays later is refused.
        let told = self.bill.as_ref().map(|bill| bill.amount);
        let is_bill = session.source == SessionSource::Bill && claim.is_none();
        match told.filter(|amount| is_bill && *amount != session.amount) {
            Some(amount) => sessions::set_amount(tx, session.session_id, amount, self.now),
            None => Ok(()),
        }
    }
}

fn conflict(code: FailureCode, message: &str) -> ApiError {
    ApiError::new(ErrorCode::Conflict, message).with("failureCode", code.as_str())
}

fn unavailable(message: &str) -> ApiError {
    let code = FailureCode::MerchantUnavailable.as_str();
    ApiError::new(ErrorCode::ServiceUnavailable, message).with("failureCode", code)
}
