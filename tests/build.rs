//! Collects the simulators that stand beside the providers' own tests, so that a new provider is in
//! the conformance suite without being named anywhere.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let providers =
        Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../providers").canonicalize()?;
    println!("cargo::rerun-if-changed={}", providers.display());
    let mut ids = Vec::new();
    for entry in fs::read_dir(&providers)? {
        let dir = entry?.path();
        println!("cargo::rerun-if-changed={}", dir.display());
        if dir.join("src/tests/simulator.rs").is_file() {
            ids.extend(dir.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    ids.sort();
    let mut code = String::new();
    for id in &ids {
        let file = providers.join(id).join("src/tests/simulator.rs");
        code.push_str(&format!("#[path = {file:?}]\nmod {id};\n"));
    }
    code.push_str("fn start(id: &str) -> Option<SocketAddr> {\n    match id {\n");
    for id in &ids {
        code.push_str(&format!("        {id:?} => Some(address::<{id}::Vendor>()),\n"));
    }
    code.push_str("        _ => None,\n    }\n}\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("simulators.rs"), code)?;
    Ok(())
}
