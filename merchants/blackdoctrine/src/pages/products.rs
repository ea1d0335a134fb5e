//! The shelf: all products, and one of them with the form to order it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::SharedApp;
use crate::domain::order::Product;
use crate::error::Error;
use crate::pages::layout::Page;
use crate::pages::order_form::OrderForm;
use crate::pages::query::Asked;
use crate::pages::visitor::Visitor;
use crate::pages::{PageError, assets, link, text};
use crate::store::products;

const PAGE_SIZE: i64 = 24;

/// Where a list of products goes on.
#[derive(Deserialize, Default)]
pub(crate) struct After {
    sesudah: Option<i64>,
}

pub(crate) async fn list(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Asked(after): Asked<After>,
) -> Result<Response, PageError> {
    let after = after.sesudah.unwrap_or(0);
    let page = app.db.run(move |tx| products::list(tx, after, PAGE_SIZE)).await?;
    let next = page.last().filter(|_| page.len() as i64 == PAGE_SIZE);
    let main = html! {
        section.hero {
            h1 { "Dari kebun, dapur, dan bengkel Nusantara" }
            p { "Pilih produknya, isi alamat, bayar dengan dompet digital Sawit." }
        }
        ul.shelf {
            @for product in &page { li { (card(product)) } }
        }
        @if let Some(last) = next {
            p.more { a.button.quiet href=(format!("/?sesudah={}", last.id)) { "Produk berikutnya" } }
        }
    };
    Ok(Page::new(&app, &visitor, "/", "Produk", main)?.respond(StatusCode::OK))
}

pub(crate) async fn show(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let product = find(&app, &id).await?;
    let form = OrderForm::empty(&product);
    Ok(show_with(&app, &visitor, &product, &form)?.respond(StatusCode::OK))
}

/// The product a path names.
pub(super) async fn find(app: &SharedApp, id: &str) -> Result<Product, PageError> {
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let found = app.db.run(move |tx| products::find(tx, id)).await?;
    found.ok_or(PageError::NotFound)
}

/// The product's page with the form as far as it is filled in.
pub(super) fn show_with(
    app: &SharedApp,
    visitor: &Visitor,
    product: &Product,
    form: &OrderForm,
) -> Result<Page, Error> {
    let here = link::product(product.id);
    let main = html! {
        p.crumbs { a href="/" { "← Semua produk" } }
        div.product {
            div.product-about {
                img.picture src=(assets::picture(product.id).path()) alt="" width="640" height="480";
                h1 { (product.nama) }
                p.price { (text::rupiah(product.harga)) }
                p { (product.deskripsi) }
                dl.facts {
                    dt { "Berat" } dd { (text::number(product.weight_grams)) " gram" }
                    dt { "Stok" } dd { (stock(product)) }
                }
            }
            (form.render(app, visitor, product)?)
        }
    };
    Page::new(app, visitor, &here, &product.nama, main)
}

fn card(product: &Product) -> Markup {
    html! {
        a.card href=(link::product(product.id)) {
            img.picture src=(assets::picture(product.id).path()) alt="" width="640" height="480";
            h2 { (product.nama) }
            p.about { (product.deskripsi) }
            p.price { (text::rupiah(product.harga)) }
            p.stock { (stock(product)) }
        }
    }
}

fn stock(product: &Product) -> String {
    match product.stok {
        0 => "Habis".to_owned(),
        stok => format!("Tersedia {}", text::number(stok)),
    }
}
