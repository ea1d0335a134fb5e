//! Logs and metrics.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging to standard error. A terminal gets colours, anything else plain lines.
///
/// Fails when the filter is no filter.
pub fn start_logging(filter: &str) -> Result<(), String> {
    use std::io::IsTerminal as _;
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("SAWIT_LOG: {error}"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first.
    let _ = subscriber.try_init();
    Ok(())
}

/// Starts collecting metrics for the whole process.
pub fn start_metrics() {
    METRICS.get_or_init(|| {
        match PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .and_then(|builder| builder.install_recorder())
        {
            Ok(handle) => handle,
            Err(_) => PrometheusBuilder::new().build_recorder().handle(),
        }
    });
}

/// Seconds and group sizes share these bounds.
const BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0, 16.0, 64.0, 128.0, 256.0,
];

/// What `/metrics` answers, in the Prometheus text format.
pub fn render_metrics() -> String {
    METRICS.get().map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}
