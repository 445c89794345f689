//! The house's order: imports go one way, and each big library has one user.

use std::fs;

use serde_json::Value;
use wildcert_tests::{command, repository};

/// Which of our crates may use which.
const ARROWS: &[(&str, &[&str])] = &[
    ("wildcert", &["wildcert-acme", "wildcert-dns", "wildcert-plugin"]),
    ("wildcert-acme", &[]),
    ("wildcert-cli", &["wildcert", "wildcert-sandbox"]),
    ("wildcert-dns", &[]),
    ("wildcert-plugin", &["wildcert-plugin-sdk"]),
    ("wildcert-plugin-sdk", &[]),
    ("wildcert-sandbox", &[]),
    (
        "wildcert-tests",
        &["wildcert", "wildcert-cli", "wildcert-plugin", "wildcert-plugin-sdk", "wildcert-sandbox"],
    ),
];

/// Who may use a library that the rest must not see.
const USERS: &[(&str, &[&str])] = &[
    ("hickory-proto", &["wildcert-dns", "wildcert-sandbox"]),
    ("hickory-resolver", &["wildcert-dns"]),
    ("libloading", &["wildcert-plugin"]),
    ("wasmtime", &["wildcert-plugin"]),
];

#[test]
fn imports_go_one_way() {
    let crates = crates();
    let ours: Vec<&str> = crates.iter().map(|(name, _)| name.as_str()).collect();
    let mut wrong = Vec::new();
    for (name, dependencies) in &crates {
        let allowed = match name.strip_prefix("wildcert-provider-") {
            Some(_) => &["wildcert-plugin-sdk"],
            None => {
                let arrow = ARROWS.iter().find(|(from, _)| from == name);
                arrow.unwrap_or_else(|| panic!("`{name}` has no place in this list")).1
            }
        };
        let theirs = dependencies
            .iter()
            .filter(|dependency| ours.contains(&dependency.as_str()) && *dependency != name);
        wrong.extend(
            theirs
                .filter(|dependency| !allowed.contains(&dependency.as_str()))
                .map(|dependency| format!("{name} → {dependency}")),
        );
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn big_libraries_have_one_user() {
    let crates = crates();
    for (library, users) in USERS {
        let found = crates.iter().filter(|(_, uses)| uses.iter().any(|used| used == library));
        for (name, _) in found {
            assert!(users.contains(&name.as_str()), "`{name}` uses {library}");
        }
    }
}

#[test]
fn one_file_speaks_to_hickory() {
    let folder = repository().join("core/dns/src");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let users: Vec<_> = files
        .filter(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("hickory_")))
        .collect();
    assert_eq!(users.len(), 1, "{users:?}");
}

/// Each crate of the workspace with the names of everything that it depends on, for whatever.
fn crates() -> Vec<(String, Vec<String>)> {
    let output = command(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path"])
        .arg(repository().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            (name(package), dependencies.iter().map(name).collect())
        })
        .collect()
}
