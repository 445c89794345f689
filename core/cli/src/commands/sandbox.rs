//! `wildcert sandbox`.

use std::{fs, path::Path};

use serde_json::json;
use tempfile::TempDir;
use wildcert_sandbox::{Sandbox, SandboxOptions};

use crate::{args::SandboxArgs, error::Error, exit, json, printer::Printer, signals};

/// Runs a CA and a DNS server until somebody stops them.
pub(crate) async fn sandbox(args: &SandboxArgs, printer: &Printer) -> Result<u8, Error> {
    let stop = signals::listen(printer, "stopping")?;
    let folder = temporary_folder()?;
    let zones: Vec<String> = args.zone.iter().map(|zone| absolute(zone)).collect();
    let options = SandboxOptions { zones: zones.clone(), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await?;
    let bundle = write_bundle(folder.path(), &sandbox)?;
    let text = if args.json.json {
        facts_json(&sandbox, &zones, &bundle)
    } else {
        instructions(&sandbox, &zones, &bundle)
    };
    printer.result(&text)?;
    printer.note("running; stop it with Ctrl-C");
    stop.asked().await;
    sandbox.shutdown().await;
    Ok(exit::DONE)
}

/// A folder that goes when it is dropped.
pub(super) fn temporary_folder() -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix("wildcert-")
        .tempdir()
        .map_err(|source| Error::System { doing: "make a temporary folder", source })
}

/// Writes the root of the CA's server into `folder`.
pub(super) fn write_bundle(folder: &Path, sandbox: &Sandbox) -> Result<std::path::PathBuf, Error> {
    let path = folder.join("ca.pem");
    match fs::write(&path, sandbox.ca_pem()) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::File { doing: "write", path, source }),
    }
}

/// The settings of the provider rfc2136 for a sandbox.
pub(super) fn rfc2136_settings(sandbox: &Sandbox) -> Vec<(String, String)> {
    let key = sandbox.tsig();
    [
        ("RFC2136_NAMESERVER", sandbox.dns_addr().to_string()),
        ("RFC2136_TSIG_ALGORITHM", key.algorithm.to_string()),
        ("RFC2136_TSIG_KEY", key.name.clone()),
        ("RFC2136_TSIG_SECRET", key.secret_base64.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn facts_json(sandbox: &Sandbox, zones: &[String], bundle: &Path) -> String {
    let environment: serde_json::Map<String, serde_json::Value> =
        rfc2136_settings(sandbox).into_iter().map(|(name, value)| (name, value.into())).collect();
    json::text(&json!({
        "server": sandbox.directory_url(),
        "ca_bundle": bundle,
        "dns": sandbox.dns_addr().to_string(),
        "zones": zones,
        "environment": environment,
        "root": sandbox.issuer_root_pem(),
    }))
}

fn instructions(sandbox: &Sandbox, zones: &[String], bundle: &Path) -> String {
    let address = sandbox.dns_addr();
    let exports: String = rfc2136_settings(sandbox)
        .iter()
        .map(|(name, value)| format!("  export {name}='{value}'\n"))
        .collect();
    let names: Vec<&str> = zones.iter().map(|zone| zone.trim_end_matches('.')).collect();
    let nameservers: String =
        names.iter().map(|zone| format!(" \\\n    --nameserver {zone}={address}")).collect();
    let first = names.first().copied().unwrap_or_default();
    format!(
        "\
ACME directory  {}
CA bundle       {}
DNS server      {address} (UDP and TCP; RFC 2136 updates with TSIG)
zones           {}

In another terminal:
{exports}
  wildcert run --path ./sandbox-state --server {} \\
    --ca-bundle {} \\
    -m you@{first} --accept-tos{nameservers} \\
    --dns rfc2136 -d {first} -d '*.{first}'",
        sandbox.directory_url(),
        bundle.display(),
        zones.join(", "),
        sandbox.directory_url(),
        bundle.display(),
    )
}

fn absolute(zone: &str) -> String {
    format!("{}.", zone.trim_end_matches('.').to_ascii_lowercase())
}
