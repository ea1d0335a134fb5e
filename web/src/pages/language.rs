//! `/lang`: the language that somebody chose.

use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use crate::local_path::LocalPath;
use crate::text::Lang;
use crate::visit::{Visit, see_other};

#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    to: String,
    back: Option<String>,
}

pub(crate) async fn choose(visit: Visit, Query(choice): Query<Choice>) -> Response {
    if let Some(lang) = Lang::from_code(&choice.to) {
        visit.keep_language(lang);
    }
    see_other(LocalPath::or_home(choice.back.as_deref()).as_str())
}
