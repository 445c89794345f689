//! The command `wildcert`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Refused only when one is installed already, which is then as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    wildcert_cli::main()
}
