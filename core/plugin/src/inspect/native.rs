//! A native library: its manifest, and whether it is for this machine.

use std::path::Path;

use object::{
    Architecture, BinaryFormat, Object, ObjectSection,
    read::{Error as ObjectError, File},
};
use wildcert_plugin_sdk::{
    abi::{MANIFEST_SECTION, table},
    manifest::Manifest,
};

use crate::{artifact, error::Error};

/// Reads the manifest of the library in `bytes` and checks that this machine can load it.
pub(crate) fn library(path: &Path, bytes: &[u8]) -> Result<Manifest, Error> {
    let broken = |error: ObjectError| Error::BrokenLibrary {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let file = File::parse(bytes).map_err(broken)?;
    let section = file.section_by_name(MANIFEST_SECTION);
    let section = section.ok_or_else(|| Error::NoManifest { path: path.to_owned() })?;
    let manifest = artifact::manifest(path, section.data().map_err(broken)?)?;

    let theirs = platform(file.format(), file.architecture());
    let ours = platform(native_format(), native_architecture());
    if theirs != ours {
        return Err(Error::WrongPlatform { path: path.to_owned(), theirs, ours });
    }
    let exports = file.exports().map_err(broken)?;
    let entry = |name: &[u8]| {
        // Mach-O puts an underscore before the names of C.
        name.strip_prefix(b"_").unwrap_or(name) == table::SYMBOL.as_bytes()
    };
    if !exports.iter().any(|export| entry(export.name())) {
        return Err(Error::NoExport { path: path.to_owned(), export: table::SYMBOL });
    }
    Ok(manifest)
}

fn platform(format: BinaryFormat, architecture: Architecture) -> String {
    format!("{architecture:?} ({format:?})")
}

fn native_format() -> BinaryFormat {
    match std::env::consts::OS {
        "macos" | "ios" => BinaryFormat::MachO,
        "windows" => BinaryFormat::Pe,
        _ => BinaryFormat::Elf,
    }
}

fn native_architecture() -> Architecture {
    match std::env::consts::ARCH {
        "x86_64" => Architecture::X86_64,
        "aarch64" => Architecture::Aarch64,
        "x86" => Architecture::I386,
        "arm" => Architecture::Arm,
        "riscv64" => Architecture::Riscv64,
        "powerpc64" => Architecture::PowerPc64,
        "s390x" => Architecture::S390x,
        "loongarch64" => Architecture::LoongArch64,
        _ => Architecture::Unknown,
    }
}
