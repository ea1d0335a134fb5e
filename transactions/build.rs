//! Makes Rust of the gRPC contract. The compiler of protocol buffers is a crate, so that nothing needs to be installed.

use std::error::Error;
use std::path::PathBuf;

const FOLDER: &str = "../schemas";
const CONTRACT: &str = "sawit/payments/v1/payments.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={FOLDER}/{CONTRACT}");
    let mut compiler = protox::Compiler::new([FOLDER])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_file(CONTRACT)?;
    // As it is, for the reflection service.
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("payments.binpb"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .build_transport(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
