//! The pages lead to each other: no link is dead, and every page can be reached from README.md.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use wildcert_tests::repository;

#[test]
fn no_link_of_the_pages_is_dead() {
    let mut dead = Vec::new();
    for page in pages() {
        for link in links(&page) {
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = target(&page, path);
            let name = page.strip_prefix(root()).unwrap().display().to_string();
            if !target.exists() {
                dead.push(format!("{name}: {link}: no such file"));
            } else if !heading.is_empty() && !headings(&target).contains(heading) {
                dead.push(format!("{name}: {link}: no such heading"));
            }
        }
    }
    assert_eq!(dead, [""; 0]);
}

#[test]
fn every_page_is_reached_from_the_front_page() {
    let mut reached = BTreeSet::new();
    let mut next = vec![root().join("README.md")];
    while let Some(page) = next.pop() {
        if page.is_dir() {
            next.extend(fs::read_dir(page).unwrap().map(|entry| entry.unwrap().path()));
        } else if is_page(&page) && reached.insert(page.clone()) {
            let paths = links(&page);
            let paths = paths.iter().map(|link| link.split('#').next().unwrap_or_default());
            next.extend(paths.map(|path| target(&page, path)));
        }
    }
    let lost: Vec<PathBuf> = pages().into_iter().filter(|page| !reached.contains(page)).collect();
    assert!(lost.is_empty(), "no page leads to {lost:?}");
}

/// As targets are compared: without symbolic links.
fn root() -> PathBuf {
    repository().canonicalize().unwrap()
}

/// README.md and everything below docs.
fn pages() -> Vec<PathBuf> {
    fn below(folder: &Path) -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
    }
    let mut pages = below(&root().join("docs"));
    pages.retain(|page| is_page(page));
    pages.push(root().join("README.md"));
    pages
}

fn is_page(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension == "md")
}

/// The page itself for an empty path; a path that does not exist as it was written.
fn target(page: &Path, path: &str) -> PathBuf {
    let target = if path.is_empty() { page.to_owned() } else { page.with_file_name(path) };
    target.canonicalize().unwrap_or(target)
}

/// The relative links of a page, outside of code.
fn links(page: &Path) -> Vec<String> {
    let text = prose(page);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|link| !link.contains("://")).map(str::to_owned).collect()
}

/// What a page's headings are called in links: lower case, hyphens for spaces, no other signs.
fn headings(page: &Path) -> BTreeSet<String> {
    let text = prose(page);
    let titles = text.lines().filter(|line| line.starts_with('#'));
    let slug = |title: &str| -> String {
        let title = title.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    titles.map(slug).collect()
}

/// A page without its fenced blocks.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    let parts = text.split("\n```").step_by(2);
    // The first line of a part that follows a block is the rest of its closing fence.
    parts.map(|part| format!("{part}\n")).collect()
}
