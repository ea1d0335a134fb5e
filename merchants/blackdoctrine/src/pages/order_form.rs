//! Ordering a product: the form, and what becomes of it when it is sent.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::SharedApp;
use crate::app::create_order::create_order;
use crate::domain::order::{Price, Product, QUANTITY_MAX, Request, RequestKey};
use crate::domain::shipping::{CITIES, Method};
use crate::error::Error;
use crate::pages::form::Sent;
use crate::pages::layout::token_field;
use crate::pages::visitor::Visitor;
use crate::pages::{PageError, link, products, text};

/// The form's fields as the browser sends them.
#[derive(Deserialize)]
pub(crate) struct Fields {
    jumlah: String,
    alamat: String,
    kota: String,
    #[serde(default)]
    kirim: String,
    formulir: String,
}

/// The form as it is shown.
pub(super) struct OrderForm {
    fields: Fields,
    price: Option<Price>,
    problem: Option<Problem>,
}

/// What is wrong, and at which field if at one.
struct Problem {
    field: Option<&'static str>,
    text: String,
}

/// Works out what the order would cost, and makes none.
pub(crate) async fn estimate(
    State(app): State<SharedApp>,
    Path(id): Path<String>,
    Sent { visitor, fields }: Sent<Fields>,
) -> Result<Response, PageError> {
    let product = products::find(&app, &id).await?;
    visitor.buyer(&link::product(product.id))?;
    match fields.parse(&product).and_then(|request| request.price(&product)) {
        Ok(price) => {
            let form = OrderForm::estimated(fields, price);
            Ok(products::show_with(&app, &visitor, &product, &form)?.respond(StatusCode::OK))
        }
        Err(error) => show_again(&app, &visitor, product, fields, error),
    }
}

/// Makes the order.
pub(crate) async fn send(
    State(app): State<SharedApp>,
    Path(id): Path<String>,
    Sent { visitor, fields }: Sent<Fields>,
) -> Result<Response, PageError> {
    let product = products::find(&app, &id).await?;
    let user_id = visitor.buyer(&link::product(product.id))?.id;
    let made = match fields.parse(&product) {
        Ok(request) => {
            let key = RequestKey::new(&fields.formulir, &request);
            create_order(&app, user_id, request, Some(key)).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(order) => Ok(link::go(&link::order(order.id)).into_response()),
        Err(error) => show_again(&app, &visitor, product, fields, error),
    }
}

/// The form as it was sent, with what is wrong with it.
fn show_again(
    app: &SharedApp,
    visitor: &Visitor,
    product: Product,
    fields: Fields,
    error: Error,
) -> Result<Response, PageError> {
    if let Error::Internal(_) = error {
        return Err(error.into());
    }
    let form = OrderForm::refused(fields, &error);
    Ok(products::show_with(app, visitor, &product, &form)?.respond(text::status_code(&error)))
}

impl Fields {
    fn parse(&self, product: &Product) -> Result<Request, Error> {
        // What is no number is no quantity either.
        let quantity = self.jumlah.trim().parse().unwrap_or(0);
        Request::parse(
            &product.id.to_string(),
            quantity,
            &self.alamat,
            &self.kirim,
            Some(&self.kota),
        )
    }
}

impl OrderForm {
    pub(super) fn empty(product: &Product) -> Self {
        let fields = Fields {
            jumlah: "1".to_owned(),
            alamat: String::new(),
            kota: CITIES[0].id.to_string(),
            kirim: Method::Reguler.name().to_owned(),
            formulir: format!("{}-{:016x}", product.id, rand::random::<u64>()),
        };
        Self {
            fields,
            price: None,
            problem: None,
        }
    }

    fn estimated(fields: Fields, price: Price) -> Self {
        Self {
            fields,
            price: Some(price),
            problem: None,
        }
    }

    fn refused(fields: Fields, error: &Error) -> Self {
        let field = match error {
            Error::BadInput { field, .. } => Some(*field),
            Error::OutOfStock => Some("quantity"),
            _ => None,
        };
        Self {
            fields,
            price: None,
            problem: Some(Problem {
                field,
                text: text::explain(error),
            }),
        }
    }

    pub(super) fn render(&self, app: &SharedApp, visitor: &Visitor, product: &Product) -> Result<Markup, Error> {
        let here = link::product(product.id);
        if product.stok == 0 && self.problem.is_none() {
            return Ok(html! { section.panel { h2 { "Habis" } p { "Produk ini sedang tidak tersedia." } } });
        }
        if visitor.user.is_none() {
            return Ok(html! {
                section.panel {
                    h2 { "Pesan produk ini" }
                    p { "Masuk dulu ke akun BlackDoctrine Anda untuk memesan." }
                    p.actions {
                        a.button href=(link::sign_in(&here)) { "Masuk untuk memesan" }
                        a.button.quiet href=(link::register(&here)) { "Daftar" }
                    }
                }
            });
        }
        Ok(html! {
            form.panel method="post" action=(format!("{here}/pesan")) {
                h2 { "Pesan produk ini" }
                (token_field(app, visitor)?)
                input type="hidden" name="formulir" value=(self.fields.formulir);
                (self.problem_at(None))
                (self.quantity(product))
                (self.address())
                (self.delivery())
                @if let Some(price) = self.price { (sum(price, product)) }
                // First the harmless one: it is what the Enter key presses.
                p.actions {
                    button.button.quiet type="submit" formaction=(format!("{here}/hitung#total")) { "Hitung total" }
                    button.button type="submit" { "Buat pesanan" }
                }
            }
        })
    }

    fn quantity(&self, product: &Product) -> Markup {
        html! {
            div.field {
                label for="jumlah" { "Jumlah" }
                input #jumlah name="jumlah" type="number" inputmode="numeric" required
                    min="1" max=(product.stok.clamp(1, QUANTITY_MAX)) value=(self.fields.jumlah)
                    aria-invalid=[self.invalid("quantity")] aria-describedby=[self.described("quantity")];
                (self.problem_at(Some("quantity")))
            }
        }
    }

    fn address(&self) -> Markup {
        html! {
            div.field {
                label for="alamat" { "Alamat pengiriman" }
                textarea #alamat name="alamat" rows="3" required minlength="5" maxlength="300"
                    autocomplete="street-address"
                    aria-invalid=[self.invalid("alamatPengiriman")]
                    aria-describedby=[self.described("alamatPengiriman")] { (self.fields.alamat) }
                (self.problem_at(Some("alamatPengiriman")))
            }
            div.field {
                label for="kota" { "Kota tujuan" }
                select #kota name="kota" aria-invalid=[self.invalid("kotaTujuanId")]
                    aria-describedby=[self.described("kotaTujuanId")] {
                    @for city in CITIES {
                        option value=(city.id) selected[self.fields.kota == city.id.to_string()] { (city.nama) }
                    }
                }
                (self.problem_at(Some("kotaTujuanId")))
            }
        }
    }

    fn delivery(&self) -> Markup {
        html! {
            fieldset aria-describedby="kirim-catatan" {
                legend { "Pengiriman" }
                @for method in Method::ALL {
                    label.choice {
                        input type="radio" name="kirim" value=(method.name()) required
                            checked[self.fields.kirim == method.name()];
                        span { strong { (text::method(method)) } span.note { (text::tariff(method)) } }
                    }
                }
                p.note #kirim-catatan { "Tarif ke Jakarta, beratnya dibulatkan ke atas. Ke kota lain tarifnya lebih tinggi." }
                (self.problem_at(Some("metodePengiriman")))
            }
        }
    }

    fn problem_here(&self, field: Option<&str>) -> Option<&Problem> {
        // What belongs to no field on the form is said at its top.
        const SHOWN: [&str; 4] = ["quantity", "alamatPengiriman", "kotaTujuanId", "metodePengiriman"];
        let problem = self.problem.as_ref()?;
        let place = problem.field.filter(|field| SHOWN.contains(field));
        (place == field).then_some(problem)
    }

    fn problem_at(&self, field: Option<&str>) -> Markup {
        html! {
            @if let Some(problem) = self.problem_here(field) {
                p.problem #masalah role="alert" { (problem.text) }
            }
        }
    }

    fn invalid(&self, field: &str) -> Option<&'static str> {
        self.problem_here(Some(field)).map(|_| "true")
    }

    fn described(&self, field: &str) -> Option<&'static str> {
        self.problem_here(Some(field)).map(|_| "masalah")
    }
}

fn sum(price: Price, product: &Product) -> Markup {
    html! {
        div.estimate #total role="status" {
            dl.sum {
                dt { (product.nama) } dd { (text::rupiah(price.total - price.shipping_cost)) }
                dt { "Ongkos kirim" } dd { (text::rupiah(price.shipping_cost)) }
                dt.total { "Total" } dd.total { (text::rupiah(price.total)) }
            }
        }
    }
}
