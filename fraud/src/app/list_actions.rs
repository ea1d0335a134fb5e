//! What staff did here.

use actions::AdminAction;
use ids::ActionId;
use service::ApiError;
use service::page::page_size;

use super::App;

impl App {
    /// One page, newest first: all, or those done to one object.
    pub async fn list_actions(
        &self,
        object: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<AdminAction>, ApiError> {
        let limit = page_size(first)?;
        let after = after
            .map(|text| ActionId::parse(&text).map_err(|_| ApiError::bad_input("`after` is no action's id")))
            .transpose()?;
        let found = self
            .database
            .read(move |snapshot| {
                let after = after.as_ref().map(ActionId::as_str);
                actions::list(snapshot, object.as_deref(), after, limit)
            })
            .await;
        found.map_err(ApiError::from)
    }
}
