//! The idempotency key of a form: drawn when the form is made, so that sending it twice does it once.

use maud::{Markup, html};

use crate::fields::Fields;
use crate::session::random_text;
use crate::visit::Visit;

/// What a form that pays a bill does: the amount that stands on it belongs to that.
pub(crate) const fn of_bill<'a>(session_id: &'a str, amount: &'a str) -> [&'a str; 3] {
    ["pay", session_id, amount]
}

/// A hidden field that names this very form. It is bound to what the form does (`purpose`) and to who is signed in.
pub(crate) fn field(visit: &Visit, purpose: &[&str]) -> Markup {
    let name = random_text();
    let mark = mark(visit, purpose, &name);
    html! { input type="hidden" name="attempt" value={ (name) "." (mark) }; }
}

/// The key for what the form asked, `detail` (the wallet that was chosen, say) included: another choice is another attempt.
/// None when the field is none of ours.
pub(crate) fn key(visit: &Visit, fields: &Fields, purpose: &[&str], detail: &[&str]) -> Option<String> {
    let (name, sent) = fields.get("attempt").split_once('.')?;
    let vault = &visit.web().vault;
    vault.is_marked(&parts(visit, purpose, name), sent).then(|| {
        let parts: Vec<&str> = [name].iter().chain(purpose).chain(detail).copied().collect();
        format!("web-{}", vault.mark(&parts))
    })
}

/// What a top-up's form says, to be said once more: the same fields give the same key.
pub(crate) fn again<'a>(fields: &'a Fields, wallet_id: &'a str, amount: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("attempt", fields.get("attempt")),
        ("wallet", wallet_id),
        ("amount", amount),
    ]
}

fn mark(visit: &Visit, purpose: &[&str], name: &str) -> String {
    visit.web().vault.mark(&parts(visit, purpose, name))
}

fn parts<'a>(visit: &'a Visit, purpose: &[&'a str], name: &'a str) -> Vec<&'a str> {
    let user = visit.session().map_or("", |session| session.user_id.as_str());
    ["attempt", user, name].iter().chain(purpose).copied().collect()
}
