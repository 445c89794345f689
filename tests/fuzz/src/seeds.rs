//! Inputs to begin with, made anew each time: one good specimen of each kind.

use std::{env, fs, path::Path};

use wildcert_plugin_sdk::encoding;

use object::{Architecture, BinaryFormat, Endianness, SectionKind, pe, write};

const MANIFEST: &str = include_str!("../../guests/hostile/provider.toml");

const URLS: [&str; 6] = [
    "https://api.example.com/v1?a=b#c",
    "http://192.168.1.9:8081/v1/zones",
    r"https:\\a.cdn.example\x",
    "https://user:word@api.example.com:443/",
    "https://[::ffff:192.168.1.9]:8081/",
    "https://xn--bcher-kva.cdn.example./%2e%2e/",
];

const ANSWERS: [&str; 4] = [
    r#"{"Ok":["example.com."]}"#,
    r#"{"Ok":[{"Ok":"handle"},{"Ok":null}]}"#,
    r#"{"Ok":[{"Err":{"kind":"auth","message":"m","status":401,"retry_after_ms":null}}]}"#,
    r#"{"Err":{"kind":"rate-limited","message":"m","status":429,"retry_after_ms":1000}}"#,
];

/// Writes the seeds into the folder that is the first argument, where there is one.
pub(crate) fn write() {
    let Some(folder) = env::args().nth(1).filter(|argument| !argument.starts_with('-')) else {
        return;
    };
    for (reader, seeds) in
        [manifests(), modules(), answers(), signatures(), urls(), secrets()].iter().enumerate()
    {
        for (number, seed) in seeds.iter().enumerate() {
            let file = Path::new(&folder).join(format!("seed-{reader}-{number}"));
            let input = [&[u8::try_from(reader).unwrap()], seed.as_slice()].concat();
            fs::write(&file, input).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

/// provider.toml of every provider.
fn manifests() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../providers");
    let crates = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files = crates.filter_map(|folder| fs::read(folder.join("provider.toml")).ok());
    files.chain([MANIFEST.into()]).collect()
}

fn modules() -> Vec<Vec<u8>> {
    let component = format!(
        "(component (@custom \".wildcert\" {MANIFEST:?})
            (core module (memory 1) (func (export \"f\")))
            (import \"wildcert:provider/http@0.1.0\" (instance)) (instance $i)
            (export \"wildcert:provider/provider@0.1.0\" (instance $i)))"
    );
    let mut modules = vec![wat::parse_str(component).unwrap(), image()];
    for (format, architecture) in [
        (BinaryFormat::Elf, Architecture::X86_64),
        (BinaryFormat::Elf, Architecture::Arm),
        (BinaryFormat::MachO, Architecture::Aarch64),
    ] {
        let mut object = write::Object::new(format, architecture, Endianness::Little);
        let segment = if format == BinaryFormat::MachO { b"__DATA".to_vec() } else { Vec::new() };
        let section = object.add_section(segment, b".wildcert".to_vec(), SectionKind::Data);
        object.append_section_data(section, MANIFEST.as_bytes(), 1);
        modules.push(object.write().unwrap());
    }
    modules
}

/// A library of Windows with nothing but the manifest.
fn image() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = write::pe::Writer::new(true, 4096, 512, &mut bytes);
    writer.reserve_dos_header();
    writer.reserve_nt_headers(16);
    writer.reserve_section_headers(1);
    let length = u32::try_from(MANIFEST.len()).unwrap();
    let kind = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
    let range = writer.reserve_section(*b".wildcer", kind, length, length);
    writer.write_empty_dos_header().unwrap();
    writer.write_nt_headers(write::pe::NtHeaders {
        machine: pe::IMAGE_FILE_MACHINE_AMD64,
        time_date_stamp: 0,
        characteristics: pe::IMAGE_FILE_EXECUTABLE_IMAGE | pe::IMAGE_FILE_DLL,
        major_linker_version: 0,
        minor_linker_version: 0,
        address_of_entry_point: 0,
        image_base: 0x18000_0000,
        major_operating_system_version: 6,
        minor_operating_system_version: 0,
        major_image_version: 0,
        minor_image_version: 0,
        major_subsystem_version: 6,
        minor_subsystem_version: 0,
        subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_CUI,
        dll_characteristics: 0,
        size_of_stack_reserve: 0,
        size_of_stack_commit: 0,
        size_of_heap_reserve: 0,
        size_of_heap_commit: 0,
    });
    writer.write_section_headers();
    writer.write_section(range.file_offset, MANIFEST.as_bytes());
    bytes
}

fn answers() -> Vec<Vec<u8>> {
    ANSWERS.map(|text| text.as_bytes().to_vec()).into()
}

/// A key and a signature of zeros.
fn signatures() -> Vec<Vec<u8>> {
    let zeros =
        |octets: usize| encoding::base64(&[b"ED".as_slice(), &vec![0; octets - 2]].concat());
    let (key, first, second) = (zeros(42), zeros(74), zeros(64));
    let text = format!(
        "untrusted comment: c\n{first}\ntrusted comment: timestamp:1\tfile:fuzz.wasm\n{second}\n"
    );
    vec![key.into(), text.into()]
}

fn urls() -> Vec<Vec<u8>> {
    URLS.map(|text| text.as_bytes().to_vec()).into()
}

/// The length of a secret, the secret, a text.
fn secrets() -> Vec<Vec<u8>> {
    let seed = |secret: &str, text: &str| {
        [&[u8::try_from(secret.len()).unwrap()], secret.as_bytes(), text.as_bytes()].concat()
    };
    vec![
        seed("correct-horse", "sent Basic dTpjb3JyZWN0LWhvcnNl to the vendor"),
        seed("a+b/c=d&e", "?key=a%2bb%2Fc%3Dd%26e, a\\/b, 612b622f633d6426"),
        seed("ab", "ab about (ab)"),
    ]
}
