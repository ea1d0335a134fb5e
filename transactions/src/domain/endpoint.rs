//! What may be the address of a webhook endpoint, and which events it may ask for.

use service::outbound::names_public_host;
use service::{ApiError, Mode};
use url::Url;

/// All types of events there are.
pub const EVENT_TYPES: [&str; 11] = [
    "payment.succeeded",
    "payment.failed",
    "payment.authorized",
    "payment.review",
    "payment.captured",
    "payment.voided",
    "payment.expired",
    "payment.refunded",
    "payout.paid",
    "payout.failed",
    ENDPOINT_DISABLED,
];

/// The notice that an endpoint gets nothing any more.
pub const ENDPOINT_DISABLED: &str = "endpoint.disabled";

const URL_BYTES_MAX: usize = 2_048;

/// Which addresses webhooks may go to.
#[derive(Clone, Copy, Debug)]
pub struct AddressRules {
    https_only: bool,
    public_only: bool,
}

impl AddressRules {
    /// The rules of a mode. Private addresses are for the sandbox, where they are wanted.
    pub const fn new(mode: Mode, private_addresses: bool) -> Self {
        Self {
            https_only: !mode.is_sandbox(),
            public_only: !(mode.is_sandbox() && private_addresses),
        }
    }

    /// Whether names that lead to a private address must not be called.
    pub const fn public_only(self) -> bool {
        self.public_only
    }

    /// Why an address may not be called, if so. A name may still lead to a private address: whoever resolves it looks at
    /// the addresses as well.
    pub fn problem(self, url: &Url) -> Option<&'static str> {
        let scheme_fits = match url.scheme() {
            "https" => true,
            "http" => !self.https_only,
            _ => false,
        };
        if !scheme_fits {
            return Some(if self.https_only {
                "the url must begin with https://"
            } else {
                "the url must begin with https:// or http://"
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("the url must not hold a name or a password");
        }
        if url.fragment().is_some() {
            return Some("the url must have no fragment (#…)");
        }
        (self.public_only && !names_public_host(url)).then_some("the url must lead to a public address")
    }

    /// Reads an address that an endpoint shall have.
    pub fn parse(self, text: &str) -> Result<Url, ApiError> {
        if text.len() > URL_BYTES_MAX {
            return Err(ApiError::bad_input(format!(
                "the url must not be longer than {URL_BYTES_MAX} bytes"
            )));
        }
        let url = Url::parse(text).map_err(|_| ApiError::bad_input("the url is none"))?;
        match self.problem(&url) {
            Some(problem) => Err(ApiError::bad_input(problem)),
            None => Ok(url),
        }
    }
}

/// Reads the events that an endpoint asks for, each once; none: all.
pub fn parse_events(names: Vec<String>) -> Result<Vec<String>, ApiError> {
    let mut events: Vec<String> = Vec::new();
    for name in names {
        if !EVENT_TYPES.contains(&name.as_str()) {
            let name: String = name.chars().take(60).collect();
            return Err(ApiError::bad_input(format!(
                "{name:?} is no event; these are: {}",
                EVENT_TYPES.join(", ")
            )));
        }
        if !events.contains(&name) {
            events.push(name);
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: AddressRules, url: &str, fits: bool) {
        assert_eq!(rules.parse(url).is_ok(), fits, "{url}");
    }

    #[test]
    fn in_live_mode_only_public_https_addresses_fit() {
        // Whatever the setting says.
        let live = AddressRules::new(Mode::Live, true);
        check(live, "https://shop.example/hooks?a=b", true);
        for bad in [
            "http://shop.example/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://localhost/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://user@shop.example/",
            "https://:secret@shop.example/",
            "https://shop.example/#a",
            "ftp://shop.example/",
            "shop.example",
            "",
        ] {
            check(live, bad, false);
        }
        check(
            live,
            &format!("https://shop.example/{}", "a".repeat(URL_BYTES_MAX)),
            false,
        );
    }

    #[test]
    fn in_the_sandbox_private_addresses_fit_where_they_are_wanted() {
        let (open, closed) = (
            AddressRules::new(Mode::Sandbox, true),
            AddressRules::new(Mode::Sandbox, false),
        );
        for private in ["http://127.0.0.1:9000/", "http://localhost/", "https://10.0.0.1/"] {
            check(open, private, true);
            check(closed, private, false);
        }
        check(closed, "http://shop.example/", true);
        check(open, "file:///etc/passwd", false);
    }

    #[test]
    fn events_are_known_by_name_and_kept_once() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let twice = names(&["payout.paid", "payment.failed", "payout.paid"]);
        assert_eq!(parse_events(twice).unwrap(), ["payout.paid", "payment.failed"]);
        assert!(parse_events(Vec::new()).unwrap().is_empty());
        for unknown in ["payment.*", "PAYOUT.PAID", ""] {
            parse_events(names(&[unknown])).unwrap_err();
        }
    }
}
