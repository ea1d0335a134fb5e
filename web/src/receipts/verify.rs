//! `/verify`: anybody verifies a receipt, signed in or not. The script does it in the browser, and then nothing is sent;
//! where it cannot, the form is sent and the history verifies.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::facts::{Facts, Names, empty_rows, list, not_paid};
use crate::api::{Code, ReceiptVerification, documents};
use crate::assets::VERIFY_SCRIPT;
use crate::fields::{self, Fields};
use crate::pages::form::{Input, Mistake, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, notice};
use crate::pages::{problem, words};
use crate::text::{Text, receipts};
use crate::visit::Visit;

/// The page, and the only one that files are sent to.
pub(crate) const PATH: &str = fields::UPLOADS_AT;
const RECEIPT_BYTES_MAX: usize = 64 * 1024;
const PROBLEMS: [&str; 5] = ["MALFORMED", "DISAGREES", "NOT_INCLUDED", "UNKNOWN_KEY", "BAD_SIGNATURE"];

pub(crate) async fn page(visit: Visit) -> Response {
    render(&visit, &Fields::default(), &[], None).await
}

pub(crate) async fn check(visit: Visit, fields: Fields) -> Response {
    let receipt = fields.filled("file").or_else(|| fields.filled("receipt"));
    let Some(receipt) = receipt else {
        let mistake = Mistake::at("receipt", &visit, receipts::NOTHING_GIVEN);
        return render(&visit, &fields, &[mistake], None).await;
    };
    if receipt.len() > RECEIPT_BYTES_MAX
        || receipt.contains(|letter: char| letter.is_control() && !"\r\n\t".contains(letter))
    {
        let verdict = refused(&visit, receipts::MALFORMED_TEXT);
        return render(&visit, &fields, &[], Some(verdict)).await;
    }
    let variables = json!({ "receipt": receipt, "publicKey": fields.filled("key") });
    match visit.ask_anonymously(&documents::VERIFY_RECEIPT, variables).await {
        Ok(told) => {
            let verdict = verdict(&visit, told);
            render(&visit, &fields, &[], Some(verdict)).await
        }
        Err(failure) if failure.is(Code::BadInput) => {
            let mistake = Mistake::at("key", &visit, receipts::NO_KEY);
            render(&visit, &fields, &[mistake], None).await
        }
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}

fn verdict(visit: &Visit, told: ReceiptVerification) -> Markup {
    let problem = told.problem.clone().unwrap_or_default();
    let key = told.public_key.clone().unwrap_or_default();
    match Facts::of_verification(told) {
        Some(facts) => {
            let head = if facts.is_done() {
                genuine(visit)
            } else {
                not_paid(visit, facts.status(visit))
            };
            let rows = facts.rows(visit, Names::default());
            proven(
                visit,
                &head,
                &facts.amount(),
                &list(visit, &rows),
                &key,
                receipts::BY_SERVER,
            )
        }
        None => refused(visit, of_problem(&problem)),
    }
}

fn genuine(visit: &Visit) -> Markup {
    notice(
        Tone::Good,
        visit.say(receipts::GENUINE),
        visit.say(receipts::GENUINE_TEXT),
    )
}

fn proven(visit: &Visit, head: &Markup, amount: &str, facts: &Markup, key: &str, by: Text) -> Markup {
    html! {
        (head)
        p.amount { (amount) }
        (facts)
        p.hint { (visit.say(receipts::SIGNED_WITH)) }
        p.code.key { (key) }
        p.hint { (visit.say(by)) }
    }
}

fn refused(visit: &Visit, text: Text) -> Markup {
    notice(Tone::Bad, visit.say(receipts::NOT_VERIFIED), visit.say(text))
}

fn of_problem(code: &str) -> Text {
    match code {
        "DISAGREES" => receipts::DISAGREES_TEXT,
        "NOT_INCLUDED" => receipts::NOT_INCLUDED_TEXT,
        "UNKNOWN_KEY" => receipts::UNKNOWN_KEY_TEXT,
        "BAD_SIGNATURE" => receipts::BAD_SIGNATURE_TEXT,
        _ => receipts::MALFORMED_TEXT,
    }
}

async fn render(visit: &Visit, fields: &Fields, mistakes: &[Mistake], verdict: Option<Markup>) -> Response {
    let keys = match visit.ask_anonymously(&documents::HISTORY_PUBLIC_KEYS, ()).await {
        Ok(keys) => keys,
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    let title = visit.say(receipts::VERIFY_TITLE);
    let main = html! {
        h1 { (title) }
        section.card.result #result tabindex="-1" hidden[verdict.is_none()] { @if let Some(verdict) = verdict { (verdict) } }
        div.columns data-verify data-lang=(visit.lang().code()) data-keys=(keys.join(" ")) data-words=(words_for_script(visit)) {
            section.card {
                p { (visit.say(receipts::VERIFY_TEXT)) }
                noscript { p.hint { (visit.say(receipts::NO_SCRIPT)) } }
                (summary(visit, mistakes))
                (form(visit, fields, mistakes))
            }
            (about_keys(visit, &keys))
        }
        (templates(visit))
        script src=(VERIFY_SCRIPT.path) defer {}
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Page::new(title, Kind::Plain, main).respond_with(visit, status)
}

fn form(visit: &Visit, fields: &Fields, mistakes: &[Mistake]) -> Markup {
    let mistake = mistakes.iter().find(|mistake| mistake.field == "receipt");
    let described = mistake.map_or("receipt-hint", |_| "receipt-hint receipt-mistake");
    let key = Input {
        value: fields.get("key"),
        required: false,
        hint: Some(visit.say(receipts::KEY_HINT)),
        ..Input::text("key", visit.say(receipts::KEY))
    };
    html! {
        form method="post" action=(PATH) enctype="multipart/form-data" {
            (token(visit))
            div.field {
                label for="file" { (visit.say(receipts::FILE)) }
                input #file name="file" type="file" accept=".json,.txt,application/json,text/plain";
            }
            div.field {
                label for="receipt" { (visit.say(receipts::OR_PASTE)) }
                p.hint #receipt-hint { (visit.say(receipts::PASTE_HINT)) }
                @if let Some(mistake) = mistake { p.mistake #receipt-mistake { (mistake.message) } }
                textarea #receipt name="receipt" rows="7" maxlength=(RECEIPT_BYTES_MAX) spellcheck="false" autocapitalize="none"
                    autocomplete="off" aria-describedby=(described) aria-invalid=[mistake.map(|_| "true")] { (fields.get("receipt")) }
            }
            (key.render(visit, mistakes))
            button type="submit" { (visit.say(receipts::VERIFY)) }
        }
    }
}

fn about_keys(visit: &Visit, keys: &[String]) -> Markup {
    html! {
        section.card {
            h2 { (visit.say(receipts::KEYS_TITLE)) }
            p { (visit.say(receipts::KEYS_TEXT)) }
            ul.keys { @for key in keys { li.code.key { (key) } } }
            h2 { (visit.say(receipts::YOURSELF_TITLE)) }
            p { (visit.say(receipts::YOURSELF_TEXT)) }
            p.code { "sawit receipt verify FILE --key PUBLICKEY" }
            p.hint { (visit.say(receipts::PRIVACY)) }
        }
    }
}

/// What the script shows: the same as the server, to be filled.
fn templates(visit: &Visit) -> Markup {
    let nothing = list(visit, &empty_rows());
    html! {
        template #proven { (proven(visit, &genuine(visit), "", &nothing, "", receipts::BY_BROWSER)) }
        template #unpaid { (proven(visit, &not_paid(visit, "{}"), "", &nothing, "", receipts::BY_BROWSER)) }
        @for code in PROBLEMS { template id={ "problem-" (code) } { (refused(visit, of_problem(code))) } }
        template #by-server { (notice(Tone::Waiting, visit.say(receipts::CANNOT), visit.say(receipts::CANNOT_TEXT))) }
        template #only-id { (notice(Tone::Waiting, visit.say(receipts::TOO_LONG), visit.say(receipts::ONLY_ID_TEXT))) }
    }
}

/// Codes in words, for the script.
fn words_for_script(visit: &Visit) -> String {
    const KINDS: [&str; 7] = ["DEPOSIT", "PAYMENT", "TRANSFER", "REFUND", "CAPTURE", "TOPUP", "DEDUCT"];
    let said = |code: &str, text: Option<Text>| (code.to_owned(), json!(words::or_code(visit, text, code)));
    let kinds: serde_json::Map<_, _> = KINDS.iter().map(|code| said(code, words::kind(code))).collect();
    let statuses: serde_json::Map<_, _> = words::STATUSES
        .iter()
        .map(|code| said(code, words::status(code)))
        .collect();
    let signed = visit.say(receipts::SIGNED_WHEN);
    json!({ "kind": kinds, "status": statuses, "signed": signed }).to_string()
}
