//! All routes of the pages.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::{
    account, devices, history, history_csv, home, profile, security, statements, topup, transfer, wallets,
};
use crate::checkout::{enter, open, pay, show, status, wallet};
use crate::config::{Config, WebError};
use crate::console::fraud::{backtests, editor, lists, logs, policy, reviews, rules, snoozes, stats};
use crate::console::{actions, audit, enrol, ledger, merchants, overview, parked, payment, payments, sign_in, users};
use crate::console::{statements as console_statements, wallets as console_wallets};
use crate::pages::{headers, language, problem};
use crate::receipts::{show as receipt, verify};
use crate::visit::{self, Web};
use crate::{assets, session};

/// All pages. Reads the key that seals cookies, or makes it.
pub fn router(config: Config) -> Result<Router, WebError> {
    let key = session::load_or_make(&config.keys_dir)?;
    let secure = config.is_secure();
    let web = Arc::new(Web::new(config, &key));
    let pages = checkout()
        .merge(app())
        .merge(console())
        .merge(console_fraud())
        .merge(console_merchants())
        .route("/lang", get(language::choose))
        .route(verify::PATH, get(verify::page).post(verify::check))
        .fallback(problem::unknown_page)
        .layer(from_fn_with_state(web, visit::receive))
        .layer(from_fn_with_state(secure, headers::protect));
    Ok(pages.merge(Router::new().route("/assets/{file}", get(assets::asset))))
}

fn checkout() -> Router {
    Router::new()
        .route("/pay", get(open::open))
        .route("/checkout/{session}", get(show::show))
        .route("/checkout/{session}/status", get(status::status))
        .route("/checkout/{session}/sign-in", get(show::back).post(enter::sign_in))
        .route("/checkout/{session}/sign-out", get(show::back).post(enter::sign_out))
        .route("/checkout/{session}/pay", get(show::back).post(pay::pay))
        .route("/checkout/{session}/wallet", get(show::back).post(wallet::create))
        .route("/checkout/{session}/topup", get(show::back).post(wallet::top_up))
}

fn app() -> Router {
    Router::new()
        .route("/app", get(home::show))
        .route("/app/login", get(account::login_page).post(account::sign_in))
        .route("/app/register", get(account::register_page).post(account::register))
        .route("/app/logout", post(account::sign_out).get(home::show))
        .route("/app/wallets", post(wallets::create).get(home::show))
        .route("/app/topup", get(topup::page).post(topup::top_up))
        .route("/app/transfer", get(transfer::page).post(transfer::check))
        .route("/app/transfer/confirm", get(transfer::restart).post(transfer::send))
        .route("/app/done", get(transfer::done))
        .route("/app/history", get(history::page))
        .route("/app/receipt/{transaction}", get(receipt::show))
        .route("/app/history.csv", get(history_csv::download))
        .route("/app/statements", get(statements::page))
        .route("/app/statements/{wallet}/{file}", get(statements::download))
        .route("/app/devices", get(devices::page).post(devices::end))
        .route("/app/security", get(security::page))
        .route("/app/security/pin", get(security::page).post(security::set_pin))
        .route(
            "/app/security/password",
            get(security::page).post(security::change_password),
        )
        .route("/app/profile", get(profile::page))
}

/// The console of the staff, but the desk against fraud and the merchants.
fn console() -> Router {
    Router::new()
        .route("/console", get(overview::show))
        .route("/console/sign-in", get(sign_in::page).post(sign_in::send))
        .route("/console/sign-out", post(sign_in::sign_out).get(overview::show))
        .route("/console/enrol", get(enrol::page).post(enrol::begin))
        .route("/console/enrol/confirm", get(enrol::page).post(enrol::confirm))
        .route("/console/payments", get(payments::list))
        .route("/console/payments/{transaction}", get(payment::show))
        .route("/console/parked", get(parked::list))
        .route(
            "/console/parked/{message}/requeue",
            get(parked::list).post(parked::requeue),
        )
        .route("/console/users", get(users::list))
        .route("/console/users/{user}", get(users::show))
        .route("/console/users/{user}/role", get(users::show).post(users::set_role))
        .route("/console/users/{user}/disable", get(users::show).post(users::disable))
        .route("/console/users/{user}/enable", get(users::show).post(users::enable))
        .route("/console/users/{user}/unlock", get(users::show).post(users::unlock))
        .route("/console/users/{user}/totp", get(users::show).post(users::reset_totp))
        .route("/console/wallets", get(console_wallets::list))
        .route("/console/wallets/{wallet}", get(console_wallets::show))
        .route(
            "/console/wallets/{wallet}/freeze",
            get(console_wallets::show).post(console_wallets::freeze),
        )
        .route(
            "/console/wallets/{wallet}/unfreeze",
            get(console_wallets::show).post(console_wallets::unfreeze),
        )
        .route(
            "/console/wallets/{wallet}/statements/{file}",
            get(console_statements::download),
        )
        .route("/console/ledger", get(ledger::show))
        .route("/console/audit", get(audit::show))
        .route("/console/actions", get(actions::list))
}

/// The desk against fraud.
fn console_fraud() -> Router {
    Router::new()
        .route("/console/reviews", get(reviews::list))
        .route("/console/reviews/{case}", get(reviews::show))
        .route(
            "/console/reviews/{case}/approve",
            get(reviews::show).post(reviews::approve),
        )
        .route(
            "/console/reviews/{case}/reject",
            get(reviews::show).post(reviews::reject),
        )
        .route("/console/fraud/logs", get(logs::list))
        .route("/console/fraud/logs/{log}", get(logs::show))
        .route("/console/fraud/logs/{log}/hide", get(logs::show).post(logs::hide))
        .route("/console/fraud/statistics", get(stats::show))
        .route("/console/fraud/rules", get(rules::list))
        .route("/console/fraud/rules/new", get(editor::new).post(editor::send))
        .route("/console/fraud/rules/{rule}", get(rules::show))
        .route(
            "/console/fraud/rules/{rule}/change",
            get(editor::change).post(editor::send),
        )
        .route(
            "/console/fraud/rules/{rule}/state",
            get(rules::show).post(rules::set_state),
        )
        .route("/console/fraud/backtests", get(backtests::list))
        .route("/console/fraud/backtests/{backtest}", get(backtests::show))
        .route(
            "/console/fraud/backtests/{backtest}/cancel",
            get(backtests::show).post(backtests::cancel),
        )
        .route("/console/fraud/lists", get(lists::list))
        .route("/console/fraud/lists/add", get(lists::list).post(lists::add))
        .route(
            "/console/fraud/lists/{entry}/remove",
            get(lists::list).post(lists::remove),
        )
        .route("/console/fraud/snoozes", get(snoozes::list).post(snoozes::add))
        .route(
            "/console/fraud/snoozes/{snooze}/end",
            get(snoozes::list).post(snoozes::end),
        )
        .route("/console/fraud/policy", get(policy::show).post(policy::set))
}

fn console_merchants() -> Router {
    use merchants::{change, endpoint, list, show};
    const MERCHANT: &str = "/console/merchants/{merchant}";
    let at = |path: &str| format!("{MERCHANT}{path}");
    Router::new()
        .route("/console/merchants", get(list::list))
        .route(MERCHANT, get(show::show))
        .route(&at("/keys"), get(show::show).post(change::create_key))
        .route(&at("/keys/{key}/revoke"), post(change::revoke_key))
        .route(&at("/fee"), get(show::show).post(change::set_fee))
        .route(&at("/status"), get(show::show).post(change::set_status))
        .route(&at("/endpoints/{endpoint}"), get(endpoint::show))
        .route(
            &at("/endpoints/{endpoint}/resend"),
            get(endpoint::show).post(endpoint::resend),
        )
}
