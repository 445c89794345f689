//! The front page's provider.toml is one that the build accepts.

use wildcert_plugin_sdk::manifest::Manifest;

#[test]
fn the_tutorials_manifest_is_valid() {
    let docs: String = include_str!("../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let (_, after) = docs.split_once("```toml\n").unwrap();
    let (text, _) = after.split_once("```").unwrap();
    let (manifest, unknown) = Manifest::parse(text).unwrap();
    assert_eq!((manifest.id.as_str(), unknown.len()), ("example", 0));
}
