//! The committed bindings of WebAssembly providers are what wit-bindgen makes of the contract.
//!
//! They are committed because the contract is frozen: a provider's build then needs neither the
//! generator nor its thirty crates.

use std::{env, fs, path::Path};

use wildcert_tests::repository;
use wit_bindgen_core::{Files, WorldGenerator, wit_parser::Resolve};
use wit_bindgen_rust::Opts;

#[test]
fn the_bindings_are_those_of_the_contract() {
    let sdk = repository().join("plugin-sdk");
    let committed = sdk.join("src/abi/bindings.rs");
    let generated = generate(&sdk.join("wit/0.1.0"));
    if env::var_os("WILDCERT_WRITE_DOCS").is_some() {
        fs::write(&committed, &generated).unwrap();
    }
    let committed = fs::read_to_string(&committed).unwrap_or_default();
    assert!(committed == generated, "plugin-sdk/src/abi/bindings.rs: run `make docs`");
}

fn generate(contract: &Path) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(contract).unwrap();
    let world = resolve.select_world(&[package], Some("dns-provider")).unwrap();
    let options = Opts {
        format: true,
        generate_all: true,
        pub_export_macro: true,
        export_macro_name: Some("export_component".to_owned()),
        default_bindings_module: Some("wildcert_plugin_sdk::abi::wasm::bindings".to_owned()),
        ..Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    let (_, content) = files.iter().next().unwrap();
    String::from_utf8(content.to_vec()).unwrap()
}
