//! A native library: its manifest, and whether it is for this machine.

use std::path::Path;

use object::{
    Architecture, BinaryFormat, Object, ObjectSection,
    read::{Error as ObjectError, File},
};
use wildcert_plugin_sdk::{
    abi::{MANIFEST_SECTION, MANIFEST_SECTION_PE, table},
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
    let name = match file.format() {
        BinaryFormat::Pe => MANIFEST_SECTION_PE,
        _ => MANIFEST_SECTION,
    };
    let section = file.section_by_name(name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// A library of Windows with one section: the headers, and `content` where they say.
    fn pe(section: &[u8; 8], content: &[u8]) -> Vec<u8> {
        const HEADERS: usize = 0x200;
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let mut bytes = vec![0; HEADERS];
        let mut put =
            |at: usize, octets: &[u8]| bytes[at..at + octets.len()].copy_from_slice(octets);
        put(0, b"MZ");
        // Where the next header begins.
        put(0x3c, &[0x40]);
        put(0x40, b"PE\0\0\x64\x86\x01\0");
        // The length of the optional header, its kind (64 bits), and its number of directories.
        put(0x54, &240_u16.to_le_bytes());
        put(0x58, &0x20b_u16.to_le_bytes());
        put(0x58 + 108, &[16]);
        let row = 0x58 + 240;
        put(row, section);
        put(row + 8, &length);
        put(row + 12, &0x1000_u32.to_le_bytes());
        // It is padded in the file.
        put(row + 16, &0x400_u32.to_le_bytes());
        put(row + 20, &u32::try_from(HEADERS).unwrap().to_le_bytes());
        bytes.extend(content);
        bytes.resize(HEADERS + 0x400, 0);
        bytes
    }

    #[test]
    fn a_library_of_windows_has_a_shorter_name_for_the_section() {
        let manifest = samples::manifest("acme", "0.1");
        let refusal = |bytes: &[u8]| library(Path::new("acme.dll"), bytes).unwrap_err();
        // Its manifest was read: what stops it is what comes after.
        let error = refusal(&pe(b".wildcer", manifest.as_bytes()));
        let later = matches!(error, Error::WrongPlatform { .. } | Error::NoExport { .. });
        assert!(later, "{error}");
        assert!(matches!(refusal(&pe(b".data\0\0\0", b"x")), Error::NoManifest { .. }));
    }
}
