//! `confirmTotp`.

use std::sync::Arc;
use std::time::Duration;

use service::{ApiError, ErrorCode, Timestamp};
use store::Tx;

use super::second_factor::{Spent, no_second_factor, parse_code, spend, wrong_code};
use super::{App, SignedIn, limiter};
use crate::domain::{RecoveryCode, RecoveryCodeHash};
use crate::store::recovery_codes;
use crate::store::second_factors::{self, SecondFactor};
use crate::store::sessions::{self, EndReason};

const RECOVERY_CODES: usize = 10;
/// What was begun and forgotten must not be confirmed by whoever finds the picture later.
const BEGUN_FOR_AT_MOST: Duration = Duration::from_secs(60 * 60);

impl App {
    /// From now on the second factor is asked for. Ends the caller's other sessions, which were opened without it, and
    /// answers with codes for who loses the app.
    pub(crate) async fn confirm_totp(&self, signed_in: &SignedIn, code: &str) -> Result<Vec<RecoveryCode>, ApiError> {
        let code = parse_code(code)?;
        let user = signed_in.user.clone();
        let _alone = self.passwords.alone_with(&user.email_key).await;
        self.refuse_blocked_codes(&user).await?;
        let recovery: Vec<RecoveryCode> = (0..RECOVERY_CODES).map(|_| RecoveryCode::generate()).collect();
        let hashes: Vec<RecoveryCodeHash> = recovery.iter().map(RecoveryCode::hash).collect();
        let (key, now) = (Arc::clone(&self.factor_key), self.clock.now());
        let (user_id, session_id) = (user.user_id, signed_in.session_id);
        let spent = self
            .db
            .write(move |tx| {
                let factor = begun(tx, user_id, now)?;
                if spend(tx, &key, &factor, &code, now)? == Spent::Wrong {
                    return Ok(Spent::Wrong);
                }
                second_factors::confirm(tx, user_id, now)?;
                recovery_codes::delete_all(tx, user_id)?;
                for hash in &hashes {
                    recovery_codes::insert(tx, user_id, *hash)?;
                }
                sessions::end_others(tx, user_id, Some(session_id), EndReason::TotpConfirmed, now)?;
                limiter::forget_codes(tx, user_id)?;
                Ok::<_, ApiError>(Spent::Right)
            })
            .await?;
        match spent {
            Spent::Right => Ok(recovery),
            Spent::Wrong => {
                self.count_wrong_code(&user).await?;
                Err(wrong_code())
            }
        }
    }
}

/// What was begun and waits to be confirmed.
fn begun(tx: &mut Tx<'_>, user_id: ids::UserId, now: Timestamp) -> Result<SecondFactor, ApiError> {
    let conflict = |message: &str| ApiError::new(ErrorCode::Conflict, message);
    let factor = second_factors::find(tx, user_id)?.ok_or_else(no_second_factor)?;
    if factor.confirmed_at.is_some() {
        return Err(conflict("the second factor is confirmed already"));
    }
    if now.since(factor.begun_at) > BEGUN_FOR_AT_MOST {
        return Err(conflict("this was begun too long ago; `beginTotp` begins anew"));
    }
    Ok(factor)
}
