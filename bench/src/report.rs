//! What a run says.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::Options;
use crate::load::Run;
use crate::provider::{self, Provider};

/// The provider's usage around a run.
pub struct Usage {
    pub before: provider::Usage,
    pub after: provider::Usage,
    /// After everything was delivered.
    pub end: provider::Usage,
    /// How long deliveries went on behind the last answer.
    pub drained: Duration,
}

/// One run in figures.
#[derive(Debug, Serialize)]
pub struct Report {
    kind: String,
    clients: usize,
    seconds: f64,
    operations: usize,
    per_second: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    errors: u64,
    first_error: Option<String>,
    provider_cpu_us_per_operation: f64,
    provider_cores_used: f64,
    rss_mib: f64,
    rss_max_mib: f64,
    ready_ms: f64,
    drained_ms: f64,
    told_by_mutation: u64,
    told_by_webhook: u64,
    books: String,
}

impl Report {
    pub fn new(
        options: &Options,
        provider: &Provider,
        run: &Run,
        usage: &Usage,
        told: (u64, u64),
        books: String,
    ) -> Self {
        let seconds = run.elapsed.as_secs_f64();
        let operations = run.latencies_us.len();
        let at = |share: f64| {
            let index = ((operations as f64 * share).ceil() as usize).clamp(1, operations.max(1)) - 1;
            run.latencies_us.get(index).map_or(f64::NAN, |&us| f64::from(us) / 1e3)
        };
        // What is delivered behind the last answer belongs to the payments, too.
        let cpu = usage.end.cpu.saturating_sub(usage.before.cpu).as_secs_f64();
        let cpu_during = usage.after.cpu.saturating_sub(usage.before.cpu).as_secs_f64();
        Self {
            kind: format!("{:?}", options.kind).to_lowercase(),
            clients: options.clients,
            seconds,
            operations,
            per_second: operations as f64 / seconds,
            p50_ms: at(0.50),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            max_ms: at(1.0),
            errors: run.errors,
            first_error: run.first_error.clone(),
            provider_cpu_us_per_operation: cpu * 1e6 / operations.max(1) as f64,
            provider_cores_used: cpu_during / seconds,
            rss_mib: usage.end.rss_kib as f64 / 1024.0,
            rss_max_mib: usage.end.rss_max_kib as f64 / 1024.0,
            ready_ms: provider.ready_after.as_secs_f64() * 1e3,
            drained_ms: usage.drained.as_secs_f64() * 1e3,
            told_by_mutation: told.0,
            told_by_webhook: told.1,
            books,
        }
    }

    pub fn print(&self) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(
            out,
            "{} x {} clients, {:.1} s: {:.0}/s\n  latency   p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, max {:.2} ms\n  errors    {}{}\n  \
             provider  {:.0} µs CPU each, {:.2} cores, RSS {:.0} MiB (max {:.0}), ready after {:.0} ms\n  \
             delivery  {:.0} ms behind the last answer; told {} by mutation, {} by webhook (warm-up included)\n  books     {}",
            self.kind,
            self.clients,
            self.seconds,
            self.per_second,
            self.p50_ms,
            self.p95_ms,
            self.p99_ms,
            self.max_ms,
            self.errors,
            self.first_error
                .as_ref()
                .map_or_else(String::new, |error| format!(", first: {error}")),
            self.provider_cpu_us_per_operation,
            self.provider_cores_used,
            self.rss_mib,
            self.rss_max_mib,
            self.ready_ms,
            self.drained_ms,
            self.told_by_mutation,
            self.told_by_webhook,
            self.books.replace('\n', "\n            "),
        );
    }

    pub fn append_to(&self, file: &Path) -> Result<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
        writeln!(file, "{}", serde_json::to_string(self)?)?;
        Ok(())
    }

    /// An error when something failed, or when it was slower than it has to be.
    pub fn judge(&self, at_least: Option<f64>) -> Result<()> {
        ensure!(self.errors == 0, "{} operations did not succeed", self.errors);
        if let Some(at_least) = at_least {
            ensure!(
                self.per_second >= at_least,
                "{:.0}/s is less than {at_least:.0}/s",
                self.per_second
            );
        }
        Ok(())
    }
}
