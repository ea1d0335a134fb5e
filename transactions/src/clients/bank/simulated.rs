//! The sandbox's bank: takes everything, and says a moment later that it has arrived. Some account numbers make it behave
//! otherwise, so that a merchant can see every end that a payout can come to.

use std::time::Duration;

use async_trait::async_trait;
use ids::PayoutId;
use moka::sync::Cache;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{BankRail, BankTransfer, RailError, Submitted};
use crate::domain::BankReport;

/// How long a transfer takes at this bank.
const REPORT_AFTER: Duration = Duration::from_millis(500);
/// Transfers whose first request is remembered as unanswered.
const UNANSWERED_MAX: u64 = 10_000;
/// Reports that wait to be taken.
const REPORTS_MAX: usize = 1_024;

/// The bank does not know the account.
const ENDING_OF_CLOSED: &str = "0000";
/// The bank takes the transfer and says nothing, until `reportPayout` does.
const ENDING_OF_SILENT: &str = "1111";
/// The bank does not answer when it is asked for the first time.
const ENDING_OF_UNANSWERED: &str = "2222";

/// What the bank says, of which payout.
pub type Reported = (PayoutId, BankReport);

/// The bank of the sandbox. It keeps nothing: after a restart it is given again what is still in transit.
pub struct SimulatedBank {
    reports: mpsc::Sender<Reported>,
    unanswered: Cache<PayoutId, ()>,
    stop: CancellationToken,
}

impl SimulatedBank {
    /// A bank, and what it says.
    pub fn open(stop: CancellationToken) -> (Self, mpsc::Receiver<Reported>) {
        let (reports, reported) = mpsc::channel(REPORTS_MAX);
        let bank = Self {
            reports,
            unanswered: Cache::new(UNANSWERED_MAX),
            stop,
        };
        (bank, reported)
    }

    fn report_later(&self, payout_id: PayoutId, report: BankReport) {
        let (reports, stop) = (self.reports.clone(), self.stop.clone());
        tokio::spawn(async move {
            let reporting = async {
                tokio::time::sleep(REPORT_AFTER).await;
                // Nobody listens any more: the next start asks again.
                let _ = reports.send((payout_id, report)).await;
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = reporting => {}
            }
        });
    }
}

#[async_trait]
impl BankRail for SimulatedBank {
    async fn submit(&self, transfer: &BankTransfer) -> Result<Submitted, RailError> {
        let (payout_id, number) = (transfer.payout_id, transfer.account.number());
        if number.ends_with(ENDING_OF_UNANSWERED) && !self.unanswered.contains_key(&payout_id) {
            self.unanswered.insert(payout_id, ());
            return Err(RailError::Unknown(
                "the simulated bank was told not to answer".to_owned(),
            ));
        }
        let reference = reference_of(payout_id);
        if number.ends_with(ENDING_OF_CLOSED) {
            let reason = "account closed".to_owned();
            self.report_later(payout_id, BankReport::Rejected { reason });
        } else if !number.ends_with(ENDING_OF_SILENT) {
            let reference = Some(reference.clone());
            self.report_later(payout_id, BankReport::Paid { reference });
        }
        Ok(Submitted {
            reference: Some(reference),
        })
    }
}

/// The same for the same payout, however often it is asked.
fn reference_of(payout_id: PayoutId) -> String {
    format!("SIM-{}", &payout_id.as_str()[4..])
}
