//! Files that are no modules, or modules of another age.

use std::{fs, path::PathBuf};

use wildcert_tests::{Form, Rig, provider};

/// Runs with `bytes` as the module `file` and gives back what was said, which is never a crash.
fn refused(rig: &Rig, file: &str, bytes: &[u8]) -> String {
    let folder = rig.home().join("modules");
    fs::create_dir_all(&folder).unwrap();
    let module = folder.join(file);
    fs::write(&module, bytes).unwrap();
    let outcome =
        rig.run().args([&PathBuf::from("--dns"), &module]).domains(["example.test"]).run();
    assert!(matches!(outcome.code, Some(1 | 4)), "{outcome}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome}");
    assert_eq!(outcome.error("kind"), "plugin", "{outcome}");
    let message = outcome.error("message");
    assert!(message.contains(file), "the message names no file: {outcome}");
    format!("{message}\n{}", outcome.error("hint"))
}

#[test]
fn each_broken_module_has_an_error_of_its_own() {
    let rig = Rig::start();
    let native = fs::read(provider("rfc2136", Form::Native)).unwrap();
    let wasm = fs::read(provider("rfc2136", Form::Wasm)).unwrap();
    let noise: Vec<u8> =
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();

    let cases: [(&str, Vec<u8>, &[&str]); 8] = [
        ("libtruncated.so", native[..native.len() / 2].to_vec(), &["damaged", "cut short"]),
        ("truncated.wasm", wasm[..wasm.len() / 2].to_vec(), &["damaged", "cut short"]),
        ("libnoise.so", noise.clone(), &["neither"]),
        ("noise.wasm", noise, &["neither"]),
        (
            "exports.wasm",
            replaced(&wasm, EXPORT, b"wildcert:provider/providex@0.1.0"),
            &["does not export"],
        ),
        ("wasi.wasm", wants_wasi(), &["WASI"]),
        ("future.wasm", replaced(&wasm, ABI, b"abi = \"0.2\""), &["0.2", "0.1"]),
        ("libfuture.so", replaced(&native, ABI, b"abi = \"0.2\""), &["0.2", "0.1"]),
    ];
    for (file, bytes, words) in cases {
        let message = refused(&rig, file, &bytes);
        for word in words {
            assert!(message.contains(word), "{file}: no `{word}` in: {message}");
        }
    }
    assert_eq!(rig.pebble.requests(), [""; 0]);
}

const EXPORT: &[u8] = b"wildcert:provider/provider@0.1.0";
const ABI: &[u8] = b"abi = \"0.1\"";

/// `bytes` with every `from` replaced by `to`, which is as long.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(i, _)| i).collect();
    assert!(!places.is_empty(), "the module holds no {}", String::from_utf8_lossy(from));
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to);
    }
    bytes
}

/// A component with a good manifest that imports from WASI.
fn wants_wasi() -> Vec<u8> {
    let manifest = "id = \"wasi\"\nname = \"Wants WASI\"\nhomepage = \"https://wasi.example/\"\n\
                    abi = \"0.1\"\nmodel = \"record\"\n";
    let import = "wasi:cli/environment@0.2.0";
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    // A custom section with the manifest.
    section(&mut component, 0, &[&[9], b".wildcert".as_slice(), manifest.as_bytes()].concat());
    // One type: an instance without members.
    section(&mut component, 7, &[1, 0x42, 0]);
    // One import: of that type.
    let length = u8::try_from(import.len()).unwrap();
    section(&mut component, 10, &[&[1, 0, length], import.as_bytes(), &[5, 0]].concat());
    component
}

fn section(module: &mut Vec<u8>, id: u8, body: &[u8]) {
    module.push(id);
    let mut length = body.len();
    while length >= 0x80 {
        module.push(u8::try_from(length % 0x80).unwrap() | 0x80);
        length /= 0x80;
    }
    module.push(u8::try_from(length).unwrap());
    module.extend_from_slice(body);
}
