//! The table `merchant_requests`: idempotency keys of merchants.

use ids::MerchantId;
use serde_json::{Map, Value};
use service::{ApiError, ErrorCode};
use store::{Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::IdempotencyKey;

/// What a merchant asks for under a key.
#[derive(Clone, Debug)]
pub struct MerchantRequest {
    /// Who asks.
    pub merchant_id: MerchantId,
    /// Under which key.
    pub key: IdempotencyKey,
    /// Which operation, by its public name.
    pub operation: &'static str,
    /// Its input: one field for each public input field, by its public name.
    pub input: Map<String, Value>,
}

/// Takes a key for something new. When it was taken before with the same input: the id of what it stands for.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, with the fields that differ.
pub fn take(tx: &mut Tx<'_>, request: &MerchantRequest, fresh_id: &str) -> Result<Option<String>, ApiError> {
    let text = serde_json::to_string(&request.input).map_err(|_| corrupt(3, "the input is no JSON"))?;
    let taken = tx.execute(
        "INSERT INTO merchant_requests (merchant_id, idempotency_key, operation, input, result_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (merchant_id, idempotency_key) DO NOTHING",
        &[&request.merchant_id, &request.key.as_str(), &request.operation, &text, &fresh_id],
    )?;
    if taken == 1 {
        return Ok(None);
    }
    let found = find(tx, request)?.ok_or_else(|| corrupt(0, "a key that is taken and is not there"))?;
    same(request, found).map(Some)
}

/// The id of what a key stands for, if it was used before: before anything is looked at that may have changed since.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, with the fields that differ.
pub fn known(snapshot: &Snapshot<'_>, request: &MerchantRequest) -> Result<Option<String>, ApiError> {
    find(snapshot, request)?.map(|found| same(request, found)).transpose()
}

fn same(request: &MerchantRequest, (operation, earlier, result_id): Known) -> Result<String, ApiError> {
    let mut differing: Vec<String> = request
        .input
        .keys()
        .chain(earlier.keys())
        .filter(|name| request.input.get(*name) != earlier.get(*name))
        .cloned()
        .collect();
    differing.sort_unstable();
    differing.dedup();
    if operation != request.operation {
        differing = vec!["operation".to_owned()];
    }
    if differing.is_empty() {
        return Ok(result_id);
    }
    let message = format!(
        "the idempotency key was used before with another {}",
        differing.join(", ")
    );
    Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message).with("fields", differing))
}

/// The operation, its input, and the id of what came of it.
type Known = (String, Map<String, Value>, String);

fn find(snapshot: &Snapshot<'_>, request: &MerchantRequest) -> Result<Option<Known>, StoreError> {
    snapshot.query_opt(
        "SELECT operation, input, result_id FROM merchant_requests WHERE merchant_id = $1 AND idempotency_key = $2",
        &[&request.merchant_id, &request.key.as_str()],
        |row| {
            let input = serde_json::from_str(&row.get::<String>(1)?).map_err(|_| corrupt(1, "no input"))?;
            Ok((row.get(0)?, input, row.get(2)?))
        },
    )
}
