//! A provider with a marketplace, and the check of the books that every test ends with.

use std::path::Path;

use sawit::audit::books;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::marketplace::Marketplace;
use testkit::person::Person;
use testkit::provider::{Builder, Provider, RunMode};
use testkit::wait::eventually;

/// Set to run the tests that take long.
const ALL: &str = "SAWIT_TEST_ALL";

/// A provider and its default marketplace. A test ends with [`World::close`].
pub struct World {
    pub provider: Provider,
    pub marketplace: Marketplace,
    closed: bool,
}

/// The deliveries that a test leaves on purpose, because their receiver is away or wants none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Left {
    pub waiting: i64,
    pub parked: i64,
}

/// What a provider is made of, before it is started.
pub fn builder() -> Builder {
    Builder::new(env!("CARGO_BIN_EXE_sawit"))
}

impl World {
    /// A provider that knows a marketplace which behaves.
    pub async fn start(mode: RunMode) -> Self {
        let marketplace = Marketplace::start().await;
        let builder = builder().marketplace(&marketplace);
        Self::of(builder.start(mode).await, marketplace)
    }

    /// A world of parts that the test put together itself.
    pub fn of(provider: Provider, marketplace: Marketplace) -> Self {
        Self {
            provider,
            marketplace,
            closed: false,
        }
    }

    /// A client of the gateway without a token.
    pub fn gateway(&self) -> Client {
        self.provider.gateway()
    }

    /// Somebody with this much in their wallet.
    pub async fn person(&self, name: &str, money: i64) -> Person {
        let person = Person::register(&self.gateway(), name).await;
        if money > 0 {
            person.deposit(money).await;
        }
        person
    }

    /// Waits until no transaction is under way and nothing waits for delivery.
    pub async fn settle(&self) {
        self.settle_leaving(0).await;
    }

    /// The same, but this many deliveries may wait: their receiver is away on purpose.
    pub async fn settle_leaving(&self, waiting: i64) {
        let data_dir = self.provider.data_dir();
        eventually("all transactions end and all messages are delivered", async || {
            let report = books::check(&data_dir).ok()?;
            (report.unfinished == 0 && report.waiting == waiting).then_some(())
        })
        .await;
    }

    /// Ends the test: everything settles, stops cleanly, and the books are right.
    pub async fn close(self) {
        self.close_leaving(Left::default()).await;
    }

    /// The same, but these deliveries are left on purpose.
    pub async fn close_leaving(mut self, left: Left) {
        self.end(left).await;
    }

    /// The same as [`World::close`]; the stopped provider's folders stay for as long as the answer lives.
    pub async fn close_and_keep(mut self) -> Provider {
        self.end(Left::default()).await;
        let nothing = builder().stopped(RunMode::Up);
        std::mem::replace(&mut self.provider, nothing)
    }

    async fn end(&mut self, left: Left) {
        self.settle_leaving(left.waiting).await;
        self.provider.stop_all().await;
        assert_books(&self.provider.data_dir(), left);
        self.closed = true;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        assert!(
            self.closed || std::thread::panicking(),
            "a test ends with `close`, which checks the books"
        );
    }
}

/// The books of a provider that was stopped: nothing wrong, nothing unfinished, nothing given up, and only so many
/// messages left as the test says.
#[track_caller]
pub fn assert_books(data_dir: &Path, left: Left) {
    let report = books::check(data_dir).expect("the books can be read");
    assert_eq!(report.findings, [], "{report:#?}");
    let deliveries = (report.waiting, report.parked);
    assert_eq!(
        (report.unfinished, deliveries),
        (0, (left.waiting, left.parked)),
        "{report:#?}"
    );
}

/// False, with a word about it, unless the long tests are wanted.
pub fn long_tests(name: &str) -> bool {
    let wanted = std::env::var_os(ALL).is_some_and(|value| value == "1");
    if !wanted {
        #[expect(clippy::print_stderr, reason = "a test that was not run must say so")]
        {
            eprintln!("SKIPPED: {name} takes long; {ALL}=1 runs it");
        }
    }
    wanted
}

/// A payment that must have succeeded.
#[track_caller]
pub fn assert_success(transaction: &Value) {
    assert_eq!(transaction["status"], "SUCCESS", "{transaction:#}");
}

/// A payment that must have failed with this code.
#[track_caller]
pub fn assert_failed(transaction: &Value, code: &str) {
    assert_eq!(
        (&transaction["status"], &transaction["failureCode"]),
        (&json!("FAILED"), &json!(code)),
        "{transaction:#}"
    );
}

/// The month that it is in Jakarta, as statements name it.
pub fn this_month() -> String {
    let ahead = std::time::Duration::from_secs(7 * 60 * 60);
    let local = service::Clock::system().now().after(ahead);
    local.to_string().chars().take("2026-11".len()).collect()
}
