//! Checkout, wallet app, console and shop in a real browser, against the provider as `up --demo` starts it.
//!
//! The clicks are written in `web/tests/browser`, one program for each subject. They need node, Chromium and the packages
//! of `npm ci` there; what is missing is named, and is a failure where everything must run (`SAWIT_TEST_ALL=1`).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use testkit::provider::{ADMIN_PASSWORD, Builder, Provider, RunMode};
use tokio::process::Command;

/// The programs, in this order: they share the machine with everything else that is tested. For buyers the limits per
/// address are part of what is tried out; the many people of the console's stories and of the receipts would meet them.
const PROGRAMS: [(&str, &[&str]); 2] = [
    ("on", &["checkout.mjs", "app.mjs", "access.mjs", "shop.mjs"]),
    (
        "off",
        &[
            "receipts.mjs",
            "checkout_review.mjs",
            "console.mjs",
            "console_fraud.mjs",
            "console_rules.mjs",
        ],
    ),
];
const TIME_MAX: Duration = Duration::from_secs(600);

#[tokio::test]
async fn people_can_pay_and_keep_their_wallet_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/tests/browser");
    if let Some(missing) = missing(&folder) {
        assert!(
            std::env::var_os("SAWIT_TEST_ALL").is_none(),
            "the browser tests cannot run: {missing}"
        );
        println!("SKIPPED: the browser tests need {missing}");
        return;
    }
    for (limits, programs) in PROGRAMS {
        // The marketplace is the demo's own.
        let mut provider = Builder::new(env!("CARGO_BIN_EXE_sawit"))
            .env("SAWIT_RATE_LIMITS", limits)
            .env("SAWIT_GRPC_PORT", "0")
            .without_env("SAWIT_MARKETPLACE_URL")
            .start(RunMode::Demo)
            .await;
        for program in programs {
            play(program, &folder, &provider).await;
        }
        provider.stop_all().await;
    }
}

#[allow(clippy::print_stdout, reason = "what the program said belongs to the test's output")]
async fn play(program: &str, folder: &Path, provider: &Provider) {
    let [users, orders] = provider.demo_urls();
    let mut command = Command::new("node");
    command
        .arg(program)
        .current_dir(folder)
        .env("SAWIT_URL", provider.base_url("gateway"))
        .env("SHOP_USERS_URL", users)
        .env("SHOP_ORDERS_URL", orders)
        .env("ADMIN_PASSWORD", ADMIN_PASSWORD)
        .env("CHROMIUM", chromium().unwrap_or_default())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(TIME_MAX, command.output()).await;
    let output = ended.expect("the program ends in time").expect("node can be run");
    println!("{program}\n{}", String::from_utf8_lossy(&output.stdout));
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} failed; what it said is above\n{problems}"
    );
}

/// What is not there of all that the tests need.
fn missing(folder: &Path) -> Option<&'static str> {
    if in_path("node").is_none() {
        Some("node")
    } else if chromium().is_none() {
        Some("Chromium (as `chromium` in the PATH)")
    } else if !folder.join("node_modules/playwright-core").is_dir() {
        Some("`npm ci` in web/tests/browser")
    } else {
        None
    }
}

fn chromium() -> Option<PathBuf> {
    in_path("chromium")
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
