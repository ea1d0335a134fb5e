//! Changes a merchant: what it says of itself, whether it takes payments, its signing secret, what it pays us.

use std::sync::Arc;
use std::time::Duration;

use ids::MerchantId;
use money::{Currency, Decimal};
use service::token::{Caller, Role};
use service::{ApiError, ErrorCode, Secret, Timestamp};
use store::{Snapshot, Tx};

use super::App;
use super::admin_note::AdminNote;
use crate::domain::FeePlan;
use crate::domain::{Merchant, MerchantStatus, Profile, ProfileInput, new_secret};
use crate::store::fee_plans;
use crate::store::merchants;

/// A plan may begin this long ago: a request takes a moment, and clocks differ.
const BACKDATED_MAX: Duration = Duration::from_secs(60);
const BASIS_POINTS_MAX: i64 = 10_000;

impl App {
    /// Changes what a merchant says of itself.
    pub async fn update_merchant(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        input: ProfileInput,
        reason: Option<String>,
    ) -> Result<Arc<Merchant>, ApiError> {
        let merchant = self.merchant_of(caller, merchant_id).await?;
        if merchant.is_default() {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "this marketplace stands in the configuration, and is changed there: SAWIT_MARKETPLACE_*",
            ));
        }
        let profile = Profile::parse(input, self.mode)?;
        let note = AdminNote::of(caller, "updateMerchant", reason)?;
        let change = move |snapshot: &Snapshot<'_>, merchant: &mut Merchant| {
            profile.apply(merchant);
            match profile.va_prefix() {
                Some(_) => check_prefix(snapshot, merchant),
                None => Ok(()),
            }
        };
        self.change_merchant(merchant.merchant_id, note, change).await
    }

    /// Lets a merchant take payments, or stops it. For admins.
    pub async fn set_merchant_status(
        &self,
        caller: &Caller,
        merchant_id: &str,
        status: MerchantStatus,
        reason: Option<String>,
    ) -> Result<Arc<Merchant>, ApiError> {
        caller.with_role(&[Role::Admin])?;
        let merchant = self.merchant_of(caller, Some(merchant_id)).await?;
        let note = AdminNote::of(caller, "setMerchantStatus", reason)?;
        let change = move |_: &Snapshot<'_>, merchant: &mut Merchant| {
            merchant.status = status;
            Ok(())
        };
        self.change_merchant(merchant.merchant_id, note, change).await
    }

    /// Gives a merchant a new signing secret; the old one signs nothing any more. People alone may.
    pub async fn rotate_signing_secret(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        reason: Option<String>,
    ) -> Result<Secret, ApiError> {
        caller.user()?;
        let merchant = self.merchant_of(caller, merchant_id).await?;
        let note = AdminNote::of(caller, "rotateSigningSecret", reason)?;
        let fresh = new_secret();
        let change = move |_: &Snapshot<'_>, merchant: &mut Merchant| {
            merchant.signing_secret = fresh.clone();
            Ok(())
        };
        let changed = self.change_merchant(merchant.merchant_id, note, change).await?;
        Ok(changed.signing_secret.clone())
    }

    /// Says what a merchant pays us from a moment on. Earlier plans stay. For admins.
    pub async fn set_fee_plan(
        &self,
        caller: &Caller,
        merchant_id: &str,
        fee: (Decimal, Decimal),
        valid_from: Option<Timestamp>,
        reason: Option<String>,
    ) -> Result<Arc<Merchant>, ApiError> {
        caller.with_role(&[Role::Admin])?;
        let merchant = self.merchant_of(caller, Some(merchant_id)).await?;
        let now = self.clock.now();
        let plan = parse_fee_plan(fee, valid_from.unwrap_or(now))?;
        if plan.valid_from < now.before(BACKDATED_MAX) {
            return Err(ApiError::bad_input("a fee plan does not begin in the past"));
        }
        let note = AdminNote::of(caller, "setFeePlan", reason)?;
        let detail = format!("{} % and {} IDR from {}", fee.0, fee.1, plan.valid_from);
        let merchant_id = merchant.merchant_id;
        let inserted = self
            .database
            .write(move |tx| {
                let inserted = fee_plans::insert(tx, merchant_id, &plan, now)?;
                if let Some(note) = note.as_ref().filter(|_| inserted) {
                    note.record(tx, merchant_id.as_str(), Some(&detail), now)?;
                }
                Ok::<_, ApiError>(inserted)
            })
            .await?;
        if !inserted {
            let message = "there is a fee plan from that moment already";
            return Err(ApiError::new(ErrorCode::Conflict, message));
        }
        Ok(merchant)
    }

    /// Changes a merchant in one commit, and behind it what everybody knows of it. One at a time: the memory must see
    /// changes in the order of their commits.
    async fn change_merchant(
        &self,
        merchant_id: MerchantId,
        note: Option<AdminNote>,
        change: impl Fn(&Snapshot<'_>, &mut Merchant) -> Result<(), ApiError> + Send + Sync + 'static,
    ) -> Result<Arc<Merchant>, ApiError> {
        let (app, now) = (self.clone(), self.clock.now());
        let write = move |tx: &mut Tx<'_>| {
            let found = merchants::find(tx, merchant_id)?;
            let mut merchant = found.ok_or_else(|| ApiError::not_found("merchant"))?;
            let before = merchant.status;
            change(tx, &mut merchant)?;
            merchants::put(tx, &merchant, now)?;
            if let Some(note) = &note {
                let detail = format!("{} to {}", before.as_str(), merchant.status.as_str());
                let detail = (before != merchant.status).then_some(detail.as_str());
                note.record(tx, merchant_id.as_str(), detail, now)?;
            }
            Ok::<_, ApiError>(merchant)
        };
        let changing = self.runner.spawn(async move {
            let _changing = app.merchant_changes.lock().await;
            let merchant = Arc::new(app.database.write(write).await?);
            app.merchants.put(Arc::clone(&merchant));
            Ok(merchant)
        });
        changing.await.map_err(super::died)?
    }
}

/// A number must not begin with the prefixes of two merchants.
pub(super) fn check_prefix(snapshot: &Snapshot<'_>, merchant: &Merchant) -> Result<(), ApiError> {
    match &merchant.va_prefix {
        Some(prefix) if merchants::prefix_is_taken(snapshot, prefix, merchant.merchant_id)? => Err(ApiError::new(
            ErrorCode::Conflict,
            "another merchant's VA numbers begin so, or could",
        )),
        Some(_) | None => Ok(()),
    }
}

fn parse_fee_plan((percent, fixed): (Decimal, Decimal), valid_from: Timestamp) -> Result<FeePlan, ApiError> {
    // A percentage has two decimals as rupiah have, so its hundredths are counted in the same way.
    let basis_points = percent.to_money(Currency::Idr)?.minor();
    let fixed_minor = fixed.to_money(Currency::Idr)?.minor();
    if !(0..=BASIS_POINTS_MAX).contains(&basis_points) || fixed_minor < 0 {
        return Err(ApiError::bad_input("a fee is 0 to 100 percent and zero rupiah or more"));
    }
    Ok(FeePlan {
        valid_from,
        basis_points,
        fixed_minor,
    })
}
