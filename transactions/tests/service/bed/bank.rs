//! A bank that fails at every point, and says nothing of its own: tests report in its name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use transactions::clients::bank::{BankRail, BankTransfer, RailError, Submitted};

use super::faults::{Fault, Faults, Side};

/// The bank. Clones are the same.
#[derive(Clone)]
pub struct FakeBank {
    faults: Faults,
    /// How often it was given each payout.
    given: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl FakeBank {
    pub fn open(faults: &Faults) -> Self {
        Self {
            faults: faults.clone(),
            given: Arc::default(),
        }
    }

    /// How often it was given a payout.
    pub fn given(&self, payout_id: &str) -> usize {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.get(payout_id).copied().unwrap_or_default()
    }

    fn note(&self, payout_id: &str) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        *given.entry(payout_id.to_owned()).or_default() += 1;
    }
}

#[async_trait]
impl BankRail for FakeBank {
    async fn submit(&self, transfer: &BankTransfer) -> Result<Submitted, RailError> {
        self.faults.count("submitPayout");
        if let Some(fault) = self.faults.pass("submitPayout", Side::Before).await {
            return Err(broken(fault).await);
        }
        let payout_id = transfer.payout_id.to_string();
        self.note(&payout_id);
        if let Some(fault) = self.faults.pass("submitPayout", Side::After).await {
            return Err(broken(fault).await);
        }
        Ok(Submitted {
            reference: Some(format!("REF-{payout_id}")),
        })
    }
}

async fn broken(fault: Fault) -> RailError {
    match fault {
        Fault::Refused(reason) => RailError::Refused(reason.to_owned()),
        Fault::Silence => std::future::pending().await,
        other => RailError::Unknown(format!("{other:?}")),
    }
}
