//! The page of a bill that can be paid: sign-in, or wallets and the button.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use money::Money;

use super::bill::bill;
use super::{Told, wallet};
use crate::api::{CheckoutSession, Code, Failure, Payment, Profile, Wallet, documents};
use crate::app::account;
use crate::format::rupiah;
use crate::local_path::LocalPath;
use crate::pages::confirm::{self, Means};
use crate::pages::form::{Input, Mistake, hidden, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, notice};
use crate::pages::{attempt, words};
use crate::text::{checkout, common};
use crate::visit::Visit;

/// What the page says beside the bill.
#[derive(Default)]
pub(super) struct Till {
    pub(super) told: Option<Told>,
    /// The attempt before, which was refused.
    pub(super) failed: Option<Payment>,
    pub(super) mistakes: Vec<Mistake>,
    /// What was typed at sign-in.
    pub(super) email: String,
    /// The wallet that was chosen.
    pub(super) wallet_id: String,
    /// `password`, where somebody wants to confirm with it rather than with the PIN.
    pub(super) confirm_with: String,
    pub(super) status: Option<StatusCode>,
}

/// What is known of whoever is signed in.
struct Buyer {
    wallets: Vec<Wallet>,
    /// Asked for only where the payment has to be confirmed.
    profile: Option<Profile>,
}

pub(super) async fn page(visit: &Visit, session: &CheckoutSession, till: Till) -> Response {
    let panel = if visit.session().is_some() {
        match buyer(visit, session).await {
            Ok(buyer) => signed_in(visit, session, &till, &buyer),
            Err(failure) if failure.is(Code::Unauthenticated) => {
                visit.keep_session(None);
                return super::back_with(&session.session_id, Told::SignInAgain);
            }
            Err(_) => wallets_down(visit, session),
        }
    } else {
        sign_in(visit, session, &till)
    };
    let title = visit.fill(checkout::TITLE, &[&session.merchant_name]);
    let watch = format!("/checkout/{}/status", session.session_id);
    let main = html! {
        div.columns data-watch=(watch) data-state=(session.state.as_str()) data-version=(session.version) data-every="10" {
            (bill(visit, session))
            section.card.panel aria-label=(visit.say(checkout::CHOOSE_WALLET)) {
                (messages(visit, &till))
                (panel)
                (way_out(visit, session))
            }
        }
    };
    Page::new(&title, Kind::Checkout, main).respond_with(visit, till.status.unwrap_or(StatusCode::OK))
}

async fn buyer(visit: &Visit, session: &CheckoutSession) -> Result<Buyer, Failure> {
    let wallets = visit.ask(&documents::MY_WALLETS, ());
    if !confirm::is_needed(visit, session.amount()) {
        return Ok(Buyer {
            wallets: wallets.await?,
            profile: None,
        });
    }
    let (wallets, profile) = tokio::join!(wallets, visit.ask(&documents::MY_PROFILE, ()));
    Ok(Buyer {
        wallets: wallets?,
        profile: Some(profile?),
    })
}

fn messages(visit: &Visit, till: &Till) -> Markup {
    let failed = till
        .failed
        .as_ref()
        .map(|payment| words::failure(payment.failure_code.as_deref().unwrap_or("")));
    html! {
        @if let Some((title, text)) = failed { (notice(Tone::Bad, visit.say(title), visit.say(text))) }
        @else if let Some(told) = till.told {
            @let (tone, title, text) = told.words();
            (notice(tone, visit.say(title), text.map_or("", |text| visit.say(text))))
        }
        (summary(visit, &till.mistakes))
    }
}

fn sign_in(visit: &Visit, session: &CheckoutSession, till: &Till) -> Markup {
    let here = format!("/checkout/{}", session.session_id);
    let email = Input {
        value: &till.email,
        ..Input::email(visit.say(common::EMAIL))
    };
    let password = Input::password("password", visit.say(common::PASSWORD), "current-password");
    html! {
        h2 { (visit.say(checkout::SIGN_IN_TITLE)) }
        p.hint { (visit.say(checkout::SIGN_IN_HINT)) }
        form method="post" action={ (here) "/sign-in" } {
            (token(visit))
            (email.render(visit, &till.mistakes))
            (password.render(visit, &till.mistakes))
            @if let Some(code) = account::code_field(visit, &till.mistakes) { (code.render(visit, &till.mistakes)) }
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(common::SIGN_IN)) }
        }
        p.aside { (visit.say(checkout::NO_ACCOUNT)) " " a href=(LocalPath::or_home(Some(&here)).after("/app/register")) { (visit.say(common::REGISTER)) } }
    }
}

fn signed_in(visit: &Visit, session: &CheckoutSession, till: &Till, buyer: &Buyer) -> Markup {
    let amount = session.amount();
    // What is agreed to is what stands here, whatever becomes of the bill meanwhile.
    let seen = amount.to_string();
    let can_pay = buyer.wallets.iter().any(|wallet| wallet.can_pay(amount));
    html! {
        (who(visit, session))
        @if buyer.wallets.is_empty() { (wallet::first(visit, session)) }
        @else {
            form method="post" action={ "/checkout/" (session.session_id) "/pay" } data-once {
                (token(visit))
                (hidden("amount", &seen))
                (attempt::field(visit, &attempt::of_bill(&session.session_id, &seen)))
                (wallets(visit, amount, till, &buyer.wallets))
                @if can_pay {
                    @if let Some(profile) = &buyer.profile { (confirmation(visit, session, till, profile)) }
                    button.pay type="submit" data-busy=(visit.say(common::WORKING)) {
                        (visit.fill(checkout::PAY_AMOUNT, &[&rupiah(amount)]))
                    }
                }
            }
            @if !can_pay { (wallet::too_little(visit, session, &buyer.wallets, till.failed.is_some())) }
        }
    }
}

fn who(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        form.who method="post" action={ "/checkout/" (session.session_id) "/sign-out" } {
            (token(visit))
            p {
                span.hint { (visit.say(checkout::SIGNED_IN_AS)) } " "
                strong { (visit.session().map_or("", |session| session.fullname.as_str())) }
            }
            button.link type="submit" { (visit.say(checkout::NOT_YOU)) }
        }
    }
}

/// Radio buttons as cards. One that cannot pay says why, and cannot be chosen.
fn wallets(visit: &Visit, amount: Money, till: &Till, wallets: &[Wallet]) -> Markup {
    let wanted = |wallet: &&Wallet| wallet.wallet_id == till.wallet_id && wallet.can_pay(amount);
    let chosen = wallets
        .iter()
        .find(wanted)
        .or_else(|| wallets.iter().find(|wallet| wallet.can_pay(amount)));
    let mistake = till.mistakes.iter().find(|mistake| mistake.field == "wallet");
    html! {
        fieldset.choices #wallet tabindex="-1" aria-describedby=[mistake.map(|_| "wallet-mistake")] {
            legend { (visit.say(checkout::CHOOSE_WALLET)) }
            @if let Some(mistake) = mistake { p.mistake #wallet-mistake { (mistake.message) } }
            @for wallet in wallets {
                @let can_pay = wallet.can_pay(amount);
                @let is_chosen = chosen.is_some_and(|chosen| chosen.wallet_id == wallet.wallet_id);
                label.choice.off[!can_pay] {
                    input type="radio" name="wallet" value=(wallet.wallet_id) required checked[is_chosen] disabled[!can_pay];
                    span.name { (wallet.wallet_name) }
                    span.money { (rupiah(wallet.available())) }
                    (remark(visit, amount, wallet))
                }
            }
        }
    }
}

fn remark(visit: &Visit, amount: Money, wallet: &Wallet) -> Markup {
    let missing = amount
        .checked_sub(wallet.available())
        .ok()
        .filter(|missing| missing.is_positive());
    html! {
        @if !wallet.is_active() { span.remark.bad { (visit.say(common::WALLET_FROZEN)) } }
        @else if let Some(missing) = missing {
            span.remark.bad { (visit.fill(checkout::TOO_SMALL, &[&rupiah(missing)])) }
        } @else if let Some(held) = wallet.held() {
            span.remark { (visit.fill(checkout::HELD, &[&rupiah(held)])) }
        }
    }
}

fn confirmation(visit: &Visit, session: &CheckoutSession, till: &Till, profile: &Profile) -> Markup {
    let means = Means::of(profile.has_pin, &till.confirm_with, &till.mistakes);
    html! {
        (confirm::fieldset(visit, means, &till.mistakes))
        @if let Some((name, text)) = means.other(profile.has_pin) {
            p.aside { a.quiet href={ "/checkout/" (session.session_id) "?with=" (name) } { (visit.say(text)) } }
        }
    }
}

fn wallets_down(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        (notice(Tone::Waiting, visit.say(checkout::WALLETS_DOWN_TITLE), visit.say(checkout::WALLETS_DOWN_TEXT)))
        a.button href={ "/checkout/" (session.session_id) } { (visit.say(common::TRY_AGAIN)) }
    }
}

fn way_out(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        @if let Some(url) = session.way_out() {
            p.aside { a.quiet href=(url) rel="noreferrer" { (visit.fill(checkout::CANCEL, &[&session.merchant_name])) } }
        }
    }
}
