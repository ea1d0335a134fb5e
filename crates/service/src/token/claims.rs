//! What a token says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `iss` of every token.
pub const ISSUER: &str = "sawit";
/// `aud` of every token.
pub const AUDIENCE: &str = "sawit";

/// What somebody may do. The names are those that clients and tokens carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A customer.
    Nasabah,
    /// A customer who runs a merchant.
    Merchant,
    /// An operator with every right.
    Admin,
    /// An operator who decides about suspicious payments and keeps the rules.
    FraudAnalyst,
    /// An operator who may look at everything and change nothing.
    Support,
    /// One of our services, never a person.
    Service,
}

impl Role {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nasabah => "Nasabah",
            Self::Merchant => "Merchant",
            Self::Admin => "Admin",
            Self::FraudAnalyst => "FraudAnalyst",
            Self::Support => "Support",
            Self::Service => "Service",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [
            Self::Nasabah,
            Self::Merchant,
            Self::Admin,
            Self::FraudAnalyst,
            Self::Support,
            Self::Service,
        ];
        all.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The claims of a token (RFC 7519), signed by auth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: [`ISSUER`].
    pub iss: String,
    /// Audience: [`AUDIENCE`].
    pub aud: String,
    /// Whose token it is: a user's id, or the client id of a service.
    pub sub: String,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// When it was signed, in seconds since the epoch.
    pub iat: i64,
    /// A name of its own.
    pub jti: String,
    /// What the bearer may do.
    pub role: Role,
    /// The login session it belongs to; absent for services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the account was opened, in microseconds since the epoch; it never changes, so the token carries it
    /// and no service needs to ask auth. Absent for services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_created_at: Option<i64>,
    /// The domain of the user's e-mail address, in lower case. Absent for services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_domain: Option<String>,
    /// The user's time zone, an IANA name (OpenID Connect's claim); absent when they chose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
}
