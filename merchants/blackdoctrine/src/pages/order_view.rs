//! How an order looks.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::app::App;
use crate::domain::order::{Order, PaymentStatus, Product, Status};
use crate::domain::returning::Notice;
use crate::domain::shipping::{self, Method};
use crate::error::Error;
use crate::pages::layout::{Page, token_field};
use crate::pages::order::Return;
use crate::pages::visitor::Visitor;
use crate::pages::{assets, link, text};

/// How often the page reloads itself for a confirmation: some minutes in all. After that the buyer does it.
const TRIES_MAX: u16 = 60;
const PAUSE_SECONDS: u16 = 3;

/// An order about to be shown to its buyer.
pub(super) struct OrderPage<'a> {
    pub(super) order: &'a Order,
    pub(super) product: Option<&'a Product>,
    /// What to tell a buyer who has come back from the checkout.
    pub(super) notice: Option<Notice>,
    pub(super) returned: &'a Return,
    pub(super) problem: Option<&'a Error>,
}

/// The product's name; orders outlive what is on the shelf.
pub(super) fn name(product: Option<&Product>) -> &str {
    product.map_or("Produk yang tidak dijual lagi", |product| &product.nama)
}

/// The order's state in a word or two.
pub(super) fn badge(order: &Order, now: Timestamp) -> Markup {
    let (look, words) = text::status(order, now);
    html! { span class=(format!("badge {look}")) { (words) } }
}

fn awaiting_badge() -> Markup {
    html! { span.badge.open { "Menunggu konfirmasi" } }
}

impl OrderPage<'_> {
    pub(super) fn render(&self, app: &App, visitor: &Visitor) -> Result<Page, Error> {
        let now = Timestamp::now();
        let here = link::order(self.order.id);
        let title = format!("Pesanan {}", self.order.id);
        let main = html! {
            p.crumbs { a href="/pesanan" { "← Pesanan saya" } }
            div.title {
                h1 { (title) }
                @if self.is_paid_elsewhere() { (awaiting_badge()) } @else { (badge(self.order, now)) }
            }
            @if let Some(error) = self.problem { p.notice.bad role="alert" { (text::explain(error)) } }
            @if let Some(notice) = self.notice { (self.tell(notice)) }
            div.order {
                (self.payment(app, visitor, now)?)
                div.goods { (self.items()) (self.delivery()) }
            }
        };
        let page = Page::new(app, visitor, &here, &title, main)?;
        Ok(if self.is_waiting() {
            page.with_head(self.watch())
        } else {
            page
        })
    }

    /// Whether the buyer has done their part at the provider and only its word to us is missing.
    fn is_paid_elsewhere(&self) -> bool {
        matches!(self.notice, Some(Notice::AwaitingWebhook | Notice::Authorized))
    }

    /// Whether the page looks again by itself.
    fn is_waiting(&self) -> bool {
        self.notice == Some(Notice::AwaitingWebhook) && self.returned.coba < TRIES_MAX
    }

    /// The script asks for the state and reloads when it has changed; without scripts the page reloads itself.
    fn watch(&self) -> Markup {
        let next = self.returned.address(self.order, self.returned.coba.saturating_add(1));
        html! {
            noscript { meta http-equiv="refresh" content=(format!("{PAUSE_SECONDS};url={next}")); }
            script src=(assets::SCRIPT.path()) defer {}
        }
    }

    fn tell(&self, notice: Notice) -> Markup {
        match notice {
            Notice::Paid => html! {
                div.notice.good role="status" {
                    p { strong { "Terima kasih, pembayaran Anda sudah kami terima." } }
                    p { "Pesanan Anda sedang kami siapkan." }
                }
            },
            Notice::AwaitingWebhook => self.tell_waiting(),
            Notice::Authorized => {
                info("Dana Anda sudah ditahan di Sawit. Pesanan menjadi lunas setelah dana itu diambil.")
            }
            Notice::NotPaid => info("Pesanan ini belum dibayar. Anda masih bisa membayarnya."),
            Notice::SessionExpired => info("Waktu pembayaran di Sawit sudah habis, dan tidak ada uang yang berpindah."),
            Notice::SessionCancelled => info("Pembayaran di Sawit dibatalkan, dan tidak ada uang yang berpindah."),
            Notice::Forged => html! {
                div.notice.bad role="alert" {
                    p { strong { "Tautan kembali ini tidak bisa dipercaya." } }
                    p {
                        "Tanda tangannya salah atau bukan untuk pesanan ini, jadi isinya kami abaikan. "
                        "Yang berlaku adalah status pesanan di halaman ini."
                    }
                }
            },
        }
    }

    fn tell_waiting(&self) -> Markup {
        let state = self
            .is_waiting()
            .then(|| format!("{}/status", link::order(self.order.id)));
        html! {
            div.notice.wait role="status" data-watch=[state] data-seen=(self.order.payment_status.as_str())
                data-late=(self.returned.address(self.order, TRIES_MAX)) {
                p { strong { "Sawit mengabarkan bahwa pembayaran berhasil. Kami menunggu konfirmasinya." } }
                @if self.is_waiting() {
                    p {
                        "Biasanya hanya beberapa detik. Halaman ini memperbarui diri sendiri; "
                        "Anda tidak perlu membayar lagi."
                    }
                } @else {
                    p {
                        "Konfirmasinya terlambat. Anda tidak perlu membayar lagi; pesanan menjadi lunas begitu "
                        "konfirmasi itu tiba."
                    }
                }
                p { a href=(self.returned.address(self.order, 0)) { "Periksa sekarang" } }
            }
        }
    }

    fn items(&self) -> Markup {
        let Order { price, quantity, .. } = self.order;
        html! {
            section.panel {
                h2 { "Barang" }
                table.items {
                    thead {
                        tr { th scope="col" { "Produk" } th scope="col" { "Jumlah" } th scope="col" { "Harga" } }
                    }
                    tbody {
                        tr {
                            td {
                                a href=(link::product(self.order.product_id)) { (name(self.product)) }
                                span.note { (text::rupiah(price.unit_price)) " per buah" }
                            }
                            td { (text::number(*quantity)) }
                            td { (text::rupiah(price.total - price.shipping_cost)) }
                        }
                    }
                    tfoot {
                        tr { th scope="row" colspan="2" { "Ongkos kirim" } td { (text::rupiah(price.shipping_cost)) } }
                        tr.total { th scope="row" colspan="2" { "Total" } td { (text::rupiah(price.total)) } }
                        @if self.order.refunded > 0 {
                            tr { th scope="row" colspan="2" { "Dana dikembalikan" } td { "−" (text::rupiah(self.order.refunded)) } }
                        }
                    }
                }
            }
        }
    }

    fn delivery(&self) -> Markup {
        let method = Method::parse(&self.order.shipping_method).map_or("–", text::method);
        html! {
            section.panel {
                h2 { "Pengiriman" }
                dl.facts {
                    dt { "Alamat" } dd.address { (self.order.address) }
                    dt { "Kota" } dd { (shipping::city_name(self.order.city_id)) }
                    dt { "Cara" } dd { (method) }
                    dt { "Dipesan" } dd { (text::time(self.order.created_at)) }
                }
            }
        }
    }

    fn payment(&self, app: &App, visitor: &Visitor, now: Timestamp) -> Result<Markup, Error> {
        let order = self.order;
        // Who has just paid is not asked to do it again.
        let is_asked = order.payment_status_at(now) == PaymentStatus::Unpaid && !self.is_paid_elsewhere();
        Ok(html! {
            section.panel.payment {
                h2 { "Pembayaran" }
                p.price { (text::rupiah(order.price.total)) }
                p { @if self.is_paid_elsewhere() { "Menunggu konfirmasi dari Sawit." } @else { (state(order, now)) } }
                @if is_asked {
                    p.actions { a.button.pay href=(checkout_url(app, order)) { "Bayar dengan Sawit" } }
                }
                dl.facts {
                    dt { "Nomor VA" } dd.va { (order.va_number) }
                    @if is_asked { dt { "Batas waktu" } dd { (text::time(order.expires_at)) } }
                    @if let Some(paid_at) = order.paid_at { dt { "Dibayar" } dd { (text::time(paid_at)) } }
                    @if let Some(id) = &order.transaction_id { dt { "Transaksi" } dd { (id) } }
                }
                @if is_asked { (self.cancel_form(app, visitor)?) }
            }
        })
    }

    /// Asks twice, without a script: the button is behind a line that has to be opened.
    fn cancel_form(&self, app: &App, visitor: &Visitor) -> Result<Markup, Error> {
        Ok(html! {
            details {
                summary { "Batalkan pesanan" }
                form method="post" action=(format!("{}/batal", link::order(self.order.id))) {
                    (token_field(app, visitor)?)
                    p { "Barang dikembalikan ke rak dan nomor VA ini tidak bisa dibayar lagi." }
                    button.button.danger type="submit" { "Ya, batalkan pesanan ini" }
                }
            }
        })
    }
}

fn info(words: &str) -> Markup {
    html! { div.notice role="status" { p { (words) } } }
}

/// The payment's state in a sentence.
fn state(order: &Order, now: Timestamp) -> &'static str {
    match order.status_at(now) {
        _ if order.refunded == order.price.total => "Seluruh dana sudah dikembalikan ke dompet Sawit Anda.",
        _ if order.refunded > 0 => "Sebagian dana sudah dikembalikan ke dompet Sawit Anda.",
        Status::Pending => "Belum dibayar. Barangnya kami simpankan untuk Anda sampai batas waktu di bawah.",
        Status::Processed => "Lunas. Pesanan Anda sedang kami siapkan.",
        Status::Expired => "Tidak dibayar sampai batas waktunya. Silakan pesan lagi.",
        Status::Cancelled => "Pesanan ini dibatalkan dan tidak perlu dibayar.",
        Status::RefundDue => "Pembayaran tiba setelah barangnya tidak lagi tersedia. Dana Anda akan kami kembalikan.",
    }
}

/// The provider's checkout, which sends the buyer back to this page.
fn checkout_url(app: &App, order: &Order) -> String {
    let mut page = app.rules.public_url.clone();
    page.set_path(&link::order(order.id));
    let checkout = &app.rules.checkout_url;
    let separator = if checkout.contains('?') { '&' } else { '?' };
    let (va_number, page) = (link::encode(&order.va_number), link::encode(page.as_str()));
    format!("{checkout}{separator}va={va_number}&return_url={page}")
}
