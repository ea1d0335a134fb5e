//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for who has lost it.

use service::{Secret, Timestamp};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

const ISSUER: &str = "Sawit";
/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
/// Steps before and after the present one whose codes count: clocks differ, and people type slowly.
const SKEW_STEPS: u16 = 1;
const STEP_SECONDS: u64 = 30;

/// Without the letters that look like digits or each other.
const RECOVERY_ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Eighty bits: a plain hash of so many gives nothing away.
const RECOVERY_CHARACTERS: usize = 16;
const RECOVERY_GROUP: usize = 4;

/// What the database keeps of a recovery code.
pub(crate) type RecoveryCodeHash = [u8; 32];

/// What app and provider share.
pub(crate) struct TotpSecret(Vec<u8>);

/// A code for who has lost the app. Good once.
pub(crate) struct RecoveryCode(Secret);

/// What somebody types where a code is asked for.
#[derive(Clone)]
pub(crate) enum PresentedCode {
    /// Six digits, as the app shows them.
    Totp(Secret),
    /// The hash of what may be a recovery code.
    Recovery(RecoveryCodeHash),
}

impl TotpSecret {
    pub(crate) fn generate() -> Self {
        Self(rand::random::<[u8; SECRET_BYTES]>().to_vec())
    }

    /// From what was stored; `None` if it cannot be one.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == SECRET_BYTES).then_some(Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// To be typed into an app by hand.
    pub(crate) fn base32(&self) -> String {
        totp_rs::Secret::from(self.0.clone()).to_base32()
    }

    /// To be shown to an app as a QR code. `None` only if the account could not be named in it.
    pub(crate) fn uri(&self, account: &str) -> Option<String> {
        self.totp(account).to_url().ok()
    }

    /// The time step that a code belongs to, if it is one of those that count now and comes after `used_until`.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp, used_until: i64) -> Option<i64> {
        let seconds = u64::try_from(now.seconds()).ok()?;
        let step = self.totp(ISSUER).check(code, seconds)?;
        i64::try_from(step).ok().filter(|step| *step > used_until)
    }

    fn totp(&self, account: &str) -> Totp {
        Builder::new()
            .with_secret(self.0.clone())
            .with_skew(SKEW_STEPS)
            .with_step_duration(STEP_SECONDS)
            .with_issuer(Some(ISSUER))
            .with_account_name(account)
            .build_noncompliant()
    }
}

impl RecoveryCode {
    pub(crate) fn generate() -> Self {
        let random = rand::random::<[u8; RECOVERY_CHARACTERS]>();
        let mut code = String::new();
        for (at, byte) in random.iter().enumerate() {
            if at > 0 && at % RECOVERY_GROUP == 0 {
                code.push('-');
            }
            code.push(char::from(RECOVERY_ALPHABET[usize::from(byte % 32)]));
        }
        Self(Secret::new(code))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn hash(&self) -> RecoveryCodeHash {
        hash(&folded(self.expose()))
    }
}

impl PresentedCode {
    /// `None` for what can be neither, which is a slip of the finger and no guess.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > 100 {
            return None;
        }
        let folded = folded(text);
        if folded.len() == DIGITS && folded.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Totp(Secret::new(folded)));
        }
        let may_be =
            folded.len() == RECOVERY_CHARACTERS && folded.bytes().all(|byte| RECOVERY_ALPHABET.contains(&byte));
        may_be.then(|| Self::Recovery(hash(&folded)))
    }
}

/// As it was meant: people type spaces, dashes and capitals as they like.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

fn hash(folded: &str) -> RecoveryCodeHash {
    Sha256::digest(folded.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The test vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        #[track_caller]
        fn check(secret: &TotpSecret, seconds: u64, code: &str) {
            let now = Timestamp::from_micros(0).after(Duration::from_secs(seconds));
            let step = i64::try_from(seconds / 30).unwrap();
            assert_eq!(secret.step_of(code, now, 0), Some(step), "{seconds}");
            // Used up, whatever it is called.
            assert_eq!(secret.step_of(code, now, step), None, "{seconds}");
            // One step late or early still counts, two do not.
            for (shift, counts) in [(30, true), (60, false)] {
                let late = secret.step_of(code, now.after(Duration::from_secs(shift)), 0);
                assert_eq!(late.is_some(), counts, "{seconds} + {shift}");
                let early = secret.step_of(code, now.before(Duration::from_secs(shift)), 0);
                assert_eq!(early.is_some(), counts, "{seconds} - {shift}");
            }
        }
        check(&secret, 1_111_111_109, "081804");
        check(&secret, 1_111_111_111, "050471");
        check(&secret, 1_234_567_890, "005924");
        check(&secret, 2_000_000_000, "279037");
        check(&secret, 20_000_000_000, "353130");
    }

    #[test]
    fn an_app_is_told_everything_by_the_uri() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        let uri = secret.uri("n@x.id").unwrap();
        assert!(uri.starts_with("otpauth://totp/Sawit:n%40x.id?"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
        assert!(uri.contains("issuer=Sawit"), "{uri}");
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn what_is_typed_is_a_code_a_recovery_code_or_a_slip() {
        #[track_caller]
        fn check(text: &str, expect: &str) {
            let found = match PresentedCode::parse(text) {
                Some(PresentedCode::Totp(code)) => code.expose().to_owned(),
                Some(PresentedCode::Recovery(_)) => "recovery".to_owned(),
                None => "slip".to_owned(),
            };
            assert_eq!(found, expect, "{text:?}");
        }
        check("081804", "081804");
        check(" 081 804 ", "081804");
        let code = RecoveryCode::generate();
        check(code.expose(), "recovery");
        for bad in [
            "",
            "12345",
            "1234567",
            "+12345",
            "٢٧١٨٢٨",
            "aaaa-bbbb-cccc",
            "llll-llll-llll-llll",
        ] {
            check(bad, "slip");
        }
        check(&"2".repeat(100_000), "slip");

        let shouted = code.expose().to_uppercase().replace('-', " ");
        let Some(PresentedCode::Recovery(hash)) = PresentedCode::parse(&shouted) else {
            panic!("{shouted} is a recovery code");
        };
        assert_eq!(hash, code.hash());
        assert_ne!(RecoveryCode::generate().hash(), code.hash());
    }
}
