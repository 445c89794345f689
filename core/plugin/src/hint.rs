//! The way out of each error.

use std::io::ErrorKind;

use crate::error::{Error, Exposure, quoted};

impl Error {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownProvider { near, .. } => match near.as_slice() {
                [] => "`wildcert providers list` shows what there is; `--provider-dir` or \
                       `WILDCERT_PROVIDER_PATH` adds a folder, `--dns` also takes a file's path"
                    .to_owned(),
                near => format!("did you mean {}?", quoted(near)),
            },
            Self::Read { source, .. } if source.kind() == ErrorKind::NotFound => {
                "name a module by its id, or by the path of a file that exists; `wildcert providers \
                 list` shows the ids"
                    .to_owned()
            }
            Self::Misnamed { path, manifest_id, .. } => format!(
                "rename the file after its provider, `{manifest_id}`, or name it by path: \
                 `--dns {}`",
                path.display()
            ),
            Self::BrokenLibrary { .. } | Self::BrokenWasm { .. } => {
                "the file may be cut short: fetch or build it again".to_owned()
            }
            Self::WrongPlatform { .. } => {
                "take the provider's .wasm, which runs everywhere, or build it on this machine \
                 with `wildcert providers build`"
                    .to_owned()
            }
            Self::UnknownFormat { .. } => {
                "providers are `.wasm` components or native libraries, both made by `wildcert \
                 providers build DIR`"
                    .to_owned()
            }
            Self::CoreModule { .. } => {
                "make it a component with `wildcert providers build DIR`".to_owned()
            }
            Self::NoManifest { .. } | Self::NoExport { .. } => {
                "a provider in Rust calls `export_provider!` once, one in another language keeps \
                 the world `dns-provider`; `wildcert providers build DIR` builds both"
                    .to_owned()
            }
            Self::Abi { theirs, ours, .. } => match (version(theirs), version(ours)) {
                (Some(theirs), Some(ours)) if theirs > ours => {
                    "use a newer wildcert, or an older release of the provider".to_owned()
                }
                _ => format!(
                    "use a newer release of the provider, or rebuild it with a \
                     wildcert-plugin-sdk for contract {ours}"
                ),
            },
            Self::ForeignImports { wasi: true, .. } => {
                "providers get no WASI: in Rust, build with `wildcert providers build DIR`; in \
                 other languages, turn WASI off (docs/guide/other-languages.md)"
                    .to_owned()
            }
            Self::ForeignImports { .. } => {
                "providers get `wildcert:provider/http`, `dns`, `system` and `cache`, nothing else"
                    .to_owned()
            }
            Self::Settings { provider, .. } => format!(
                "set them in the environment as NAME=VALUE or NAME_FILE=PATH, or with `--dns-opt \
                 NAME=VALUE`; `wildcert providers show {provider}` explains each"
            ),
            Self::Exposed { path, reason: Exposure::Mode(_), .. } => format!(
                "native modules run with all your rights: `chmod go-w {}`, or use the .wasm",
                path.display()
            ),
            Self::Exposed { path, reason: Exposure::Owner(_), .. } => format!(
                "native modules run with all your rights: copy `{}` to where only you can write, \
                 or use the .wasm",
                path.display()
            ),
            Self::Changed { name, .. } => {
                format!("if you expected this, approve it with `wildcert providers approve {name}`")
            }
            Self::LockSyntax { path, .. } => format!(
                "repair `{}` or delete it; without it every module counts as new",
                path.display()
            ),
            Self::LockVersion { .. } => "use the wildcert that wrote it, or a newer one".to_owned(),
            Self::Signature(error) => error.hint(),
            Self::Install(error) => return error.hint(),
            Self::NotAProvider { lacking: "cdylib target", .. } => {
                "its Cargo.toml needs `[lib] crate-type = [\"cdylib\", \"rlib\"]`".to_owned()
            }
            Self::OtherManifest { .. } => {
                "make the module anew, without a provider.toml in it".to_owned()
            }
            Self::UnknownKeys { .. } => "look for typing errors".to_owned(),
            Self::NoWasmToolchain { .. } => {
                "with rustup: `rustup target add wasm32-unknown-unknown`; on Debian, as root: \
                 `apt-get install rustc-web rust-web-src lld`"
                    .to_owned()
            }
            Self::Compile { .. } | Self::WrongTypes { .. } | Self::Start { .. } => {
                "the module is at fault: fetch another release, or build it again with `wildcert \
                 providers build DIR`"
                    .to_owned()
            }
            Self::Library { .. } => {
                "the provider's .wasm needs no library of this machine; `wildcert providers build \
                 DIR` makes both"
                    .to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }
}

/// The numbers of a contract's version, such as `0.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
