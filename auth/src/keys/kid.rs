//! Names of key pairs: `YYYYMMDDTHHMMSSZ-<8 hex digits of the RFC 7638 thumbprint>`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use service::Timestamp;
use service::token::{PublicKey, jwks};
use sha2::{Digest as _, Sha256};

const TIME: &str = "%Y%m%dT%H%M%SZ";
const TIME_LEN: usize = 16;
const THUMBPRINT_DIGITS: usize = 8;

/// The name of a pair made at that time; `None` when the PEM holds no RSA key or the time has no date.
pub(super) fn name(made_at: Timestamp, public_pem: &str) -> Option<String> {
    let time = jiff::Timestamp::from_second(made_at.seconds()).ok()?;
    let thumbprint = thumbprint(public_pem)?;
    Some(format!("{}-{}", time.strftime(TIME), &thumbprint[..THUMBPRINT_DIGITS]))
}

/// When the pair of that name was made; `None` for a name that is not ours.
pub(super) fn made_at(kid: &str) -> Option<Timestamp> {
    let (time, thumbprint) = kid.split_once('-')?;
    let ours = time.len() == TIME_LEN
        && thumbprint.len() == THUMBPRINT_DIGITS
        && thumbprint
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !ours {
        return None;
    }
    let time = DateTime::strptime(TIME, time).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(time.timestamp().as_microsecond()))
}

/// RFC 7638: SHA-256 over the required members in lexical order, without white space. In hex.
fn thumbprint(public_pem: &str) -> Option<String> {
    let key = PublicKey {
        kid: String::new(),
        pem: public_pem.to_owned(),
    };
    let set = jwks(&[key]);
    let member = |name: &str| set.pointer(&format!("/keys/0/{name}"))?.as_str();
    let (exponent, modulus) = (member("e")?, member("n")?);
    let digest = Sha256::digest(format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#));
    Some(super::clients::hex(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_names_tell_a_time() {
        #[track_caller]
        fn check(kid: &str, expect: Option<&str>) {
            let expect = expect.map(|text| Timestamp::parse(text).unwrap());
            assert_eq!(made_at(kid), expect, "{kid}");
        }
        check("20261121T045012Z-0a1b2c3d", Some("2026-11-21T04:50:12Z"));
        check("20261121T045012Z-0a1b2c3", None);
        check("20261121T045012Z-0A1B2C3D", None);
        check("20261321T045012Z-0a1b2c3d", None);
        check("production", None);
        check("", None);
    }
}
