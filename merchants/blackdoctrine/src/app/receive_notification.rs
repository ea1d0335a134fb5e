//! The provider says by GraphQL that an order was paid. The call is unsigned and anyone can make it: it is recorded
//! always, and believed only when the marketplace is set to.

use jiff::Timestamp;

use crate::app::App;
use crate::app::settle::settle;
use crate::domain::payment::{self, News};
use crate::error::Error;
use crate::store::orders;

/// The words that mean "the money is there".
const PAID_WORDS: [&str; 3] = ["PROCESSED", "PAID", "SUCCESS"];

pub(crate) async fn receive_notification(app: &App, va_number: String, status: &str) -> Result<(), Error> {
    let word = PAID_WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(status));
    let word = word.ok_or_else(|| Error::bad_input("status", format!("one of {}", PAID_WORDS.join(", "))))?;
    let is_trusted = app.rules.trust_graphql_notification;
    app.db
        .run(move |tx| {
            let order = orders::find_by_va(tx, &va_number)?.ok_or(Error::NotFound("Tagihan"))?;
            orders::record_notification(tx, order.id, word, Timestamp::now())?;
            if !is_trusted {
                return Ok(());
            }
            let news = News::Notification;
            // Mismatches are about what a signed event names; a notification names nothing.
            let plan = payment::plan(&order, news).map_err(Error::internal)?;
            settle(tx, &order, news, plan)
        })
        .await
}
