//! Wires the command line to the library.

use clap::Parser;

/// Gives memory back after a burst of password hashing (19 MiB each), which the system's allocator keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match sawit::run(sawit::cli::Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // Standard error is where a person looks who started this by hand; the log may be filtered.
            #[expect(clippy::print_stderr, reason = "this is the program's last word")]
            {
                eprintln!("sawit: {error:#}");
            }
            std::process::ExitCode::FAILURE
        }
    }
}
