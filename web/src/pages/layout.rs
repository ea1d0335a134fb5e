//! The frame around every page.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{CONSOLE_STYLE, ICON, SCRIPT, STYLE};
use crate::console;
use crate::local_path::LocalPath;
use crate::text::{Lang, app, common};
use crate::visit::{Place, Visit};

/// What a page is.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) kind: Kind,
    pub(crate) main: Markup,
    /// Without a script the browser asks again after this many seconds.
    pub(crate) refresh_seconds: Option<u8>,
    /// Where the other language leads, if not to this very address.
    pub(crate) language_back: Option<&'static str>,
}

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The checkout: nothing that leads away from it.
    Checkout,
    /// A page of the app, with its menu; the text is the path of the entry that is open.
    App(&'static str),
    /// A page of the console, with its menu; the text is the path of the entry that is open.
    Console(&'static str),
    /// One without a menu.
    Plain,
}

impl<'a> Page<'a> {
    pub(crate) const fn new(title: &'a str, kind: Kind, main: Markup) -> Self {
        Self {
            title,
            kind,
            main,
            refresh_seconds: None,
            language_back: None,
        }
    }

    pub(crate) fn respond(self, visit: &Visit) -> Response {
        self.respond_with(visit, StatusCode::OK)
    }

    pub(crate) fn respond_with(self, visit: &Visit, status: StatusCode) -> Response {
        let mut response = Response::new(Body::from(self.render(visit).into_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
        response
    }

    fn render(&self, visit: &Visit) -> Markup {
        let lang = visit.lang();
        html! {
            (DOCTYPE)
            html lang=(lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (self.title) " · " (lang.say(common::BRAND)) }
                    link rel="icon" href=(ICON.path) type="image/svg+xml";
                    link rel="stylesheet" href=(STYLE.path);
                    @if visit.place() == Place::Console { link rel="stylesheet" href=(CONSOLE_STYLE.path); }
                    script src=(SCRIPT.path) defer {}
                    @if let Some(seconds) = self.refresh_seconds {
                        noscript { meta http-equiv="refresh" content=(seconds); }
                    }
                }
                body class=(self.kind.class()) {
                    a.skip href="#main" { (lang.say(common::SKIP)) }
                    (header(visit, self.kind, self.language_back))
                    main #main tabindex="-1" { (self.main) }
                    (footer(visit))
                }
            }
        }
    }
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::App(_) => "app",
            Self::Console(_) => "console",
            Self::Plain => "plain",
        }
    }
}

fn header(visit: &Visit, kind: Kind, language_back: Option<&str>) -> Markup {
    let lang = visit.lang();
    if visit.place() == Place::Console {
        let open = if let Kind::Console(open) = kind {
            Some(open)
        } else {
            None
        };
        return console::header(visit, LOGO, open);
    }
    html! {
        header.top {
            div.bar {
                @if kind == Kind::Checkout {
                    span.brand { (LOGO) (lang.say(common::BRAND)) }
                } @else {
                    a.brand href="/app" { (LOGO) (lang.say(common::BRAND)) }
                }
                a.language href=(language_link(visit, language_back)) hreflang=(lang.other().code()) lang=(lang.other().code())
                    { (lang.say(common::LANGUAGE_SHORT)) }
            }
            @if let Kind::App(open) = kind { (menu(visit, open)) }
            @if visit.web().config.sandbox { p.sandbox { (lang.say(common::SANDBOX)) } }
        }
    }
}

fn menu(visit: &Visit, open: &str) -> Markup {
    let entries = [
        ("/app", app::HOME),
        ("/app/topup", app::TOPUP),
        ("/app/transfer", app::TRANSFER),
        ("/app/history", app::HISTORY),
        ("/app/devices", app::DEVICES),
        ("/app/security", app::SECURITY),
        ("/app/profile", app::PROFILE),
    ];
    html! {
        nav.menu aria-label=(visit.say(app::MAIN_MENU)) {
            ul {
                @for (path, text) in entries {
                    li { a href=(path) aria-current=[(path == open).then_some("page")] { (visit.say(text)) } }
                }
            }
        }
    }
}

fn footer(visit: &Visit) -> Markup {
    html! {
        footer.bottom { p { (visit.say(common::FOOTER)) } }
    }
}

/// Back to this page in the other language: where a form was sent to, to the page it stands on.
fn language_link(visit: &Visit, back: Option<&str>) -> String {
    let here = LocalPath::or_home(back.or_else(|| visit.uri().path_and_query().map(|path| path.as_str())));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("to", Lang::other(visit.lang()).code());
    query.append_pair("back", here.as_str());
    format!("/lang?{}", query.finish())
}

/// An oil palm's crown.
pub(crate) const LOGO: PreEscaped<&str> = PreEscaped(
    r#"<svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="9"/><path d="M16 26V15M16 15c-1-5-5-7-9-6 1 4 5 6 9 6Zm0 0c1-5 5-7 9-6-1 4-5 6-9 6Zm0 0c-3-3-3-7 0-10 3 3 3 7 0 10Zm0 2c-4-1-8 1-9 4 4 1 7-1 9-4Zm0 0c4-1 8 1 9 4-4 1-7-1-9-4Z"/></svg>"#,
);
