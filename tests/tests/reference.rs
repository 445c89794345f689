//! docs/reference is what the program says of itself.

use std::{fs, path::Path};

use wildcert_tests::{provider_ids, reference, repository};

/// Writes the pages in place of comparing them when `WILDCERT_WRITE_DOCS` is set (`make docs`).
#[test]
fn the_reference_pages_are_current() {
    let folder = repository().join("docs/reference");
    let pages = reference::pages(repository());
    if std::env::var_os("WILDCERT_WRITE_DOCS").is_some() {
        fs::create_dir_all(folder.join("providers")).unwrap();
        for (name, text) in &pages {
            fs::write(folder.join(name), text).unwrap();
        }
        return;
    }
    for (name, text) in &pages {
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == *text, "docs/reference/{name} is not current: run `make docs`");
    }
    let known = |path: &Path| pages.iter().any(|(name, _)| folder.join(name) == path);
    for path in files(&folder) {
        assert!(known(&path), "nothing makes {} any more: delete it", path.display());
    }
}

#[test]
fn the_front_page_names_every_provider() {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    let ids = provider_ids();
    let list: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = format!("{} come with it: {}.", ids.len(), list.join(" "));
    assert!(words.contains(&sentence), "README.md does not say: {sentence}");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
