//! The wallet provider, as its merchant sees it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::va;

const TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A client of the provider's GraphQL endpoint.
#[derive(Clone)]
pub(crate) struct Provider {
    http: reqwest::Client,
    url: String,
}

impl Provider {
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            url: url.to_owned(),
        })
    }

    /// Asks for a virtual-account number for an order that is about to be made. Asking again is harmless: a number that
    /// no order has is never paid.
    pub(crate) async fn generate_va(&self, amount: i64, description: &str) -> anyhow::Result<String> {
        // The amount stands in the document, as providers disagree on what its type is called.
        let query = format!(
            "mutation BuatVA($description: String) {{ generateInvoiceVA(amount: {amount}, description: $description) }}"
        );
        let body = json!({ "query": query, "variables": { "description": description } });
        let response = self.http.post(&self.url).json(&body).send().await?.error_for_status()?;
        let answer: Value = serde_json::from_slice(&read_bounded(response).await?)?;
        match &answer["data"]["generateInvoiceVA"] {
            Value::String(va_number) if va::is_valid(va_number) => Ok(va_number.clone()),
            _ => anyhow::bail!("the provider gave no number: {}", first_error(&answer)),
        }
    }
}

async fn read_bounded(mut response: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        anyhow::ensure!(
            body.len() + chunk.len() <= ANSWER_BYTES_MAX,
            "the provider's answer is too long"
        );
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What the provider says is wrong, cut to a length fit for a log.
fn first_error(answer: &Value) -> String {
    answer["errors"][0]["message"]
        .as_str()
        .unwrap_or("no reason given")
        .chars()
        .take(200)
        .collect()
}
