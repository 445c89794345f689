//! A store with very many certificates.

use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::{Value, json};

/// Adds `count` certificates like `name`, every tenth renewed once before; the CA's word on them is
/// that on `name`, and it is not to be asked again.
///
/// # Panics
/// When `name` is not in the store of the state folder or nothing is kept of the CA's word on it;
/// when a file cannot be written.
pub fn multiply(state: &Path, name: &str, count: usize) {
    let store = state.join("certificates");
    let model = store.join(name);
    let word = store.join(".renewal").join(format!("{name}.json"));
    let mut info = read(&model.join("certificate.json"));
    let mut told = read(&word);
    told["ask_again"] = json!("2099-01-01T00:00:00Z");
    write(&word, &told);
    // Files that are the same are one file with many names: a disk is as slow at removing as at
    // writing.
    let same = |file: &Path, name: &Path| fs::hard_link(file, name).expect("another name");
    for number in 0..count {
        let name = format!("n{number:05}.{name}");
        info["name"] = json!(name);
        info["domains"] = json!([name]);
        let archive = store.join(".archive").join(&name);
        let current = if number % 10 == 0 { 2 } else { 1 };
        for version in 1..=current {
            let folder = archive.join(format!("{version:04}"));
            fs::create_dir_all(&folder).expect("a folder");
            same(&model.join("cert.pem"), &folder.join("cert.pem"));
            let mut info = info.clone();
            if version < current {
                info["not_before"] = json!("2020-01-01T00:00:00Z");
                info["not_after"] = json!("2020-03-31T00:00:00Z");
            }
            write(&folder.join("certificate.json"), &info);
        }
        let newest = format!(".archive/{name}/{current:04}");
        symlink(newest, store.join(&name)).expect("a link");
        same(&word, &store.join(".renewal").join(format!("{name}.json")));
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn write(path: &Path, value: &Value) {
    fs::write(path, value.to_string()).expect("a file");
}
