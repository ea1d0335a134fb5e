//! The orders of who is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::SharedApp;
use crate::domain::order::{Order, Product};
use crate::pages::layout::Page;
use crate::pages::query::Asked;
use crate::pages::visitor::Visitor;
use crate::pages::{PageError, assets, link, order_view, text};
use crate::store::{orders, products};

const PAGE_SIZE: i64 = 20;
const HERE: &str = "/pesanan";

/// Where the list goes on.
#[derive(Deserialize, Default)]
pub(crate) struct Before {
    sebelum: Option<i64>,
}

pub(crate) async fn list(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Asked(before): Asked<Before>,
) -> Result<Response, PageError> {
    let user_id = visitor.buyer(HERE)?.id;
    let before = before.sebelum.unwrap_or(i64::MAX);
    let page = app.db.run(move |tx| {
        let page = orders::list_of_user(tx, user_id, before, PAGE_SIZE)?;
        let with_product = |order: Order| Ok((products::find(tx, order.product_id)?, order));
        page.into_iter().map(with_product).collect::<Result<Vec<_>, _>>()
    });
    let main = render(&page.await?);
    Ok(Page::new(&app, &visitor, HERE, "Pesanan saya", main)?.respond(StatusCode::OK))
}

fn render(page: &[(Option<Product>, Order)]) -> Markup {
    let now = Timestamp::now();
    let last = page.last().filter(|_| page.len() as i64 == PAGE_SIZE);
    html! {
        h1 { "Pesanan saya" }
        @if page.is_empty() {
            div.message {
                p { "Belum ada pesanan di sini." }
                p { a.button href="/" { "Lihat produk" } }
            }
        }
        ul.orders {
            @for (product, order) in page { li { (entry(product.as_ref(), order, now)) } }
        }
        @if let Some((_, last)) = last {
            p.more { a.button.quiet href=(format!("{HERE}?sebelum={}", last.id)) { "Pesanan sebelumnya" } }
        }
    }
}

fn entry(product: Option<&Product>, order: &Order, now: Timestamp) -> Markup {
    html! {
        a.entry href=(link::order(order.id)) {
            img.picture src=(assets::picture(order.product_id).path()) alt="" width="640" height="480";
            span.entry-what {
                strong { (order_view::name(product)) }
                span.note { "Pesanan " (order.id) " · " (order.quantity) " buah · " (text::date(order.created_at)) }
            }
            span.entry-state {
                (order_view::badge(order, now))
                strong { (text::rupiah(order.price.total)) }
            }
        }
    }
}
