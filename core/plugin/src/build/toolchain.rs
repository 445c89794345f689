//! A Rust compiler that makes WebAssembly.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::error::Error;

/// The target: no WASI, no imports of its own.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, which stands behind rustup's in `PATH` but may come with library sources.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

/// The linker that compilers without a bundled one need.
const LINKER: &str = "wasm-ld";

/// A compiler, and how it gets at a standard library for the target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Toolchain {
    rustc: OsString,
    /// True when the standard library must be compiled as well.
    build_std: bool,
    /// True when the linker is not the compiler's own.
    external_linker: bool,
}

/// What a compiler has for the target.
struct Offer {
    rustc: OsString,
    library: bool,
    source: bool,
    linker: bool,
}

impl Toolchain {
    /// The first compiler with a compiled standard library, else the first with its source.
    ///
    /// `root` is the workspace, whose rust-toolchain.toml may choose.
    pub(super) fn find(root: &Path) -> Result<Self, Error> {
        let mut compilers = vec![env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())];
        if Path::new(SYSTEM_RUSTC).exists() {
            compilers.push(SYSTEM_RUSTC.into());
        }
        let offers: Vec<Offer> =
            compilers.into_iter().filter_map(|rustc| Offer::of(rustc, root)).collect();
        choose(&offers, program_in_path(LINKER))
    }

    /// Makes cargo use this toolchain.
    pub(super) fn configure(&self, command: &mut Command) {
        command.env("RUSTC", &self.rustc);
        // Flags for this machine, such as `target-cpu=native`, do not fit.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if self.build_std {
            // Stable compilers build their own library only under this name.
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
            // In place of the default ones, of which `backtrace` takes long and is never used.
            command.arg("-Zbuild-std-features=optimize_for_size");
            // A panic is a trap: the words and places of panics that never come are an eighth of a
            // module.
            let flags = "-Zunstable-options\x1f-Cpanic=immediate-abort";
            command.env("CARGO_ENCODED_RUSTFLAGS", flags);
        }
        if self.external_linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
        }
    }
}

impl Offer {
    /// Asks a compiler; nothing when there is none.
    fn of(rustc: OsString, root: &Path) -> Option<Self> {
        let libraries = ask(&rustc, root, &["--print=target-libdir", "--target", TARGET])?;
        let sysroot = ask(&rustc, root, &["--print=sysroot"])?.join("lib/rustlib");
        let host = ask(&rustc, root, &["--print=target-libdir"])?;
        let library = libraries.read_dir().is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
            })
        });
        Some(Self {
            rustc,
            library,
            source: sysroot.join("src/rust/library/std/Cargo.toml").is_file(),
            linker: host.parent().is_some_and(|host| host.join("bin/rust-lld").is_file()),
        })
    }
}

fn choose(offers: &[Offer], external_linker: bool) -> Result<Toolchain, Error> {
    let linked = || offers.iter().filter(|offer| offer.linker || external_linker);
    let chosen = linked().find(|offer| offer.library).or(linked().find(|offer| offer.source));
    if let Some(Offer { rustc, library, linker, .. }) = chosen {
        let rustc = rustc.clone();
        return Ok(Toolchain { rustc, build_std: !library, external_linker: !linker });
    }
    let lacking = offers.iter().map(|offer| {
        let rustc = offer.rustc.to_string_lossy();
        if offer.library || offer.source {
            format!("`{rustc}` has no linker for it (`{LINKER}`)")
        } else {
            format!("`{rustc}` has neither the target {TARGET} nor the library's source")
        }
    });
    let mut lacking: Vec<String> = lacking.collect();
    if lacking.is_empty() {
        lacking.push("there is no `rustc`".to_owned());
    }
    Err(Error::NoWasmToolchain { lacking })
}

/// The path that the compiler answers with; its complaints are not for the user.
fn ask(rustc: &OsString, root: &Path, arguments: &[&str]) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    let command = command.args(arguments).current_dir(root).stdin(Stdio::null());
    let output = command.stderr(Stdio::null()).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !answer.trim().is_empty()).then(|| answer.trim().into())
}

fn program_in_path(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| {
        folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(rustc: &str, library: bool, source: bool, linker: bool) -> Offer {
        Offer { rustc: rustc.into(), library, source, linker }
    }

    fn lacking(offers: &[Offer], external_linker: bool) -> String {
        choose(offers, external_linker).unwrap_err().to_string()
    }

    #[test]
    fn a_compiled_library_goes_before_sources() {
        let offers = [offer("first", false, true, true), offer("second", true, false, true)];
        let chosen = choose(&offers, false).unwrap();
        assert_eq!((chosen.rustc, chosen.build_std), ("second".into(), false));
    }

    #[test]
    fn sources_suffice_with_a_linker() {
        let offers = [offer("rustup", false, false, true), offer("debian", false, true, false)];
        let chosen = choose(&offers, true).unwrap();
        let expected = Toolchain { rustc: "debian".into(), build_std: true, external_linker: true };
        assert_eq!(chosen, expected);
        assert!(lacking(&offers, false).contains("`debian` has no linker for it (`wasm-ld`)"));
    }

    #[test]
    fn the_error_says_what_to_install() {
        let error = choose(&[offer("rustc", false, false, true)], true).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(error.to_string().contains("`rustc` has neither the target"), "{error}");
        assert!(hint.contains("rustup target add wasm32-unknown-unknown"), "{hint}");
        assert!(hint.contains("apt-get install rustc-web rust-web-src lld"), "{hint}");
        assert!(lacking(&[], true).contains("there is no `rustc`"));
    }
}
