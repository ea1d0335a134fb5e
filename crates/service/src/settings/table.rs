//! Every setting by name: what `sawit config` lists and what the loader knows.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable. In `sawit.toml` it is this without `SAWIT_`, in lower case.
    pub env: &'static str,
    /// The value when nobody says otherwise; empty means unset.
    pub default: &'static str,
    /// True when its value never reaches a log or a listing.
    pub secret: bool,
    /// What it is, in one line.
    pub about: &'static str,
}

const fn setting(env: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        env,
        default,
        secret: false,
        about,
    }
}

const fn secret(env: &'static str, about: &'static str) -> Setting {
    Setting {
        env,
        default: "",
        secret: true,
        about,
    }
}

/// All settings, in the order of the listing.
pub const SETTINGS: &[Setting] = &[
    setting(
        "SAWIT_MODE",
        "sandbox",
        "sandbox (free top-up from a simulated bank) or live",
    ),
    setting(
        "SAWIT_HOST",
        "127.0.0.1",
        "address that the gateway and the services listen on",
    ),
    setting(
        "SAWIT_PORT",
        "8000",
        "the gateway's port; the services take the next five unless set one by one",
    ),
    setting("SAWIT_AUTH_PORT", "", "port of auth"),
    setting("SAWIT_WALLET_PORT", "", "port of wallet"),
    setting("SAWIT_TRANSACTIONS_PORT", "", "port of transactions"),
    setting("SAWIT_FRAUD_PORT", "", "port of fraud"),
    setting("SAWIT_HISTORY_PORT", "", "port of history"),
    setting(
        "SAWIT_AUTH_URL",
        "",
        "where `sawit serve` finds auth; default: its port on this machine",
    ),
    setting("SAWIT_WALLET_URL", "", "where `sawit serve` finds wallet"),
    setting("SAWIT_TRANSACTIONS_URL", "", "where `sawit serve` finds transactions"),
    setting("SAWIT_FRAUD_URL", "", "where `sawit serve` finds fraud"),
    setting("SAWIT_HISTORY_URL", "", "where `sawit serve` finds history"),
    setting("SAWIT_DATA_DIR", "data", "folder of the database files"),
    setting(
        "SAWIT_KEYS_DIR",
        "keys",
        "folder of the signing keys and service secrets",
    ),
    setting(
        "SAWIT_ADMIN_EMAIL",
        "admin@sawit.example",
        "e-mail of the admin account made on first start",
    ),
    secret(
        "SAWIT_ADMIN_PASSWORD",
        "its password; generated into the data folder when unset",
    ),
    setting(
        "SAWIT_MARKETPLACE_URL",
        "http://localhost:7003/graphql",
        "GraphQL endpoint of the default marketplace",
    ),
    setting(
        "SAWIT_MARKETPLACE_NAME",
        "",
        "what buyers read as the default marketplace's name; default: its host",
    ),
    setting(
        "SAWIT_MARKETPLACE_RETURN_ORIGINS",
        "",
        "origins that its buyers may be sent back to, such as https://shop.example, with commas between them",
    ),
    setting(
        "SAWIT_MARKETPLACE_VA_PREFIX",
        "",
        "prefix of VA numbers that the default marketplace makes itself, beside DS-8800",
    ),
    setting(
        "SAWIT_MARKETPLACE_WEBHOOK_URL",
        "",
        "where the default marketplace takes signed webhooks",
    ),
    secret(
        "SAWIT_MARKETPLACE_SIGNING_SECRET",
        "whsec_… secret that the way back of its buyers is signed with; generated when unset",
    ),
    secret(
        "SAWIT_MARKETPLACE_WEBHOOK_SECRET",
        "whsec_… secret that its webhooks are signed with",
    ),
    setting(
        "SAWIT_FRAUD_SUSPICIOUS_ABOVE",
        "10000000",
        "amounts above this are SUSPICIOUS (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_BLOCK_ABOVE",
        "50000000",
        "amounts above this are FRAUD and refused (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_COUNT_PER_MINUTE",
        "10",
        "more payments of one user in a minute are SUSPICIOUS",
    ),
    setting(
        "SAWIT_FRAUD_COUNT_PER_HOUR",
        "60",
        "more payments of one user in an hour are SUSPICIOUS",
    ),
    setting(
        "SAWIT_FRAUD_COUNT_PER_DAY",
        "200",
        "more payments of one user in a day are SUSPICIOUS",
    ),
    setting(
        "SAWIT_FRAUD_SUM_PER_MINUTE",
        "20000000",
        "a larger sum of one user in a minute is SUSPICIOUS (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_SUM_PER_HOUR",
        "50000000",
        "a larger sum of one user in an hour is SUSPICIOUS (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_SUM_PER_DAY",
        "100000000",
        "a larger sum of one user in a day is SUSPICIOUS (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_NEW_ACCOUNT_HOURS",
        "24",
        "an account younger than this is new",
    ),
    setting(
        "SAWIT_FRAUD_NEW_ACCOUNT_ABOVE",
        "5000000",
        "amounts above this from a new account are SUSPICIOUS (IDR)",
    ),
    setting(
        "SAWIT_FRAUD_FAILURES_PER_HOUR",
        "5",
        "more refused payments of one user in an hour are SUSPICIOUS",
    ),
    setting(
        "SAWIT_PUBLIC_URL",
        "",
        "where buyers reach the checkout; default: the gateway's port on this machine",
    ),
    setting(
        "SAWIT_CHECKOUT_CONFIRM_ABOVE",
        "1000000",
        "larger payments at the checkout are confirmed with password or PIN (IDR)",
    ),
    setting(
        "SAWIT_GRPC_PORT",
        "50052",
        "port of the gRPC API for merchants; 0: none of its own, it is at the port of transactions, too",
    ),
    setting(
        "SAWIT_WEBHOOK_PRIVATE_ADDRESSES",
        "on",
        "on or off: may webhooks of the sandbox go to private addresses; in live mode they never do",
    ),
    setting(
        "SAWIT_INTROSPECTION",
        "on",
        "on or off: may clients ask the gateway for its schema",
    ),
    setting("SAWIT_RATE_LIMITS", "on", "on; off (for load tests) in sandbox only"),
    setting(
        "SAWIT_LOG",
        "info",
        "log filter, such as info or sawit=debug,wallet=debug",
    ),
];

/// The key of a setting in `sawit.toml`.
pub fn toml_key(setting: &Setting) -> String {
    setting.env.trim_start_matches("SAWIT_").to_ascii_lowercase()
}
