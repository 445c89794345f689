//! From another client's words to a provider and its settings: the providers' manifests know them.

use wildcert_acme::Secret;
use wildcert_plugin::manifest::{Manifest, Setting};
use zeroize::Zeroizing;

use super::{acme_sh::SCRIPT, note::Note, source::text};

/// A setting that a client's files give.
#[derive(Debug)]
pub(super) struct Taken {
    /// Its name in the manifest.
    pub(super) name: String,
    /// The client's name for it.
    pub(super) from: String,
    pub(super) secret: bool,
    pub(super) value: Secret,
}

/// The provider that goes by the client's name `plugin`; for a script of acme.sh's that is none's, the
/// one that runs such scripts.
pub(super) fn provider<'m>(
    manifests: &'m [Manifest],
    plugin: &str,
    values: &[(String, Secret)],
) -> Option<&'m Manifest> {
    let known = |name: &str| {
        manifests.iter().find(|manifest| manifest.known_as.iter().any(|known| known == name))
    };
    let script = || value(values, SCRIPT).and_then(|_| known("acme.sh"));
    known(plugin).or_else(script)
}

/// The settings of a provider that a client's values give; notes tell of files that cannot be read.
pub(super) fn settings(
    manifest: &Manifest,
    values: &[(String, Secret)],
    notes: &mut Vec<Note>,
) -> Vec<Taken> {
    let mut all = Vec::new();
    for setting in &manifest.config {
        let taken = |from: &str, value: &str| Taken {
            name: setting.name.clone(),
            from: from.to_owned(),
            secret: setting.secret,
            value: Secret::new(value),
        };
        if let Some((from, value)) = plain(setting, values) {
            all.push(taken(from, &value));
            continue;
        }
        let mut files = setting.known_as_file.iter();
        let Some((from, path)) = files.find_map(|name| Some((name, value(values, name)?))) else {
            continue;
        };
        match text(path.as_ref()) {
            Ok(text) => all.push(taken(from, text.trim_end_matches(['\r', '\n']))),
            Err(Note::Unreadable { path, reason }) => {
                notes.push(Note::Credentials { path, reason })
            }
            Err(note) => notes.push(note),
        }
    }
    all
}

/// The first of a setting's names that has a value.
fn plain<'s>(
    setting: &'s Setting,
    values: &[(String, Secret)],
) -> Option<(&'s str, Zeroizing<String>)> {
    let names = std::iter::once(&setting.name).chain(&setting.aliases).chain(&setting.known_as);
    let mut found = names.filter_map(|name| Some((name.as_str(), filled(name, values)?)));
    found.next()
}

/// The value of a name, or of a text with names in braces.
fn filled(template: &str, values: &[(String, Secret)]) -> Option<Zeroizing<String>> {
    if !template.contains('{') {
        return value(values, template).map(|value| Zeroizing::new(value.to_owned()));
    }
    let mut whole = Zeroizing::new(String::new());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        whole.push_str(before);
        whole.push_str(value(values, name)?);
        rest = after;
    }
    whole.push_str(rest);
    Some(whole)
}

/// The last value of a name, unless it is empty.
fn value<'v>(values: &'v [(String, Secret)], name: &str) -> Option<&'v str> {
    let found = values.iter().rev().find(|(known, _)| known == name);
    found.map(|(_, value)| value.expose()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let text = r#"
            id = "example"
            name = "Example"
            homepage = "https://example.com/"
            abi = "0.1"
            model = "record"
            known-as = ["dns_ex", "dns-example"]
            [[config]]
            name = "EXAMPLE_SERVER"
            known-as = ["{host}:{port}", "host"]
            help = "h"
            [[config]]
            name = "EXAMPLE_TOKEN"
            aliases = ["EX_Token"]
            known-as = ["dns_example_token"]
            known-as-file = ["dns_example_file"]
            secret = true
            help = "h"
        "#;
        Manifest::parse(text).unwrap().0
    }

    fn taken(values: &[(&str, &str)]) -> Vec<String> {
        let values: Vec<(String, Secret)> =
            values.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        let mut notes = Vec::new();
        let taken = settings(&manifest(), &values, &mut notes);
        let shown = taken.iter().map(|one| format!("{}={}", one.name, one.value.expose()));
        shown.chain(notes.iter().map(|note| note.kind().to_owned())).collect()
    }

    #[test]
    fn settings_are_found_by_every_name_that_the_manifest_tells() {
        assert_eq!(taken(&[("host", "a"), ("port", "54")]), ["EXAMPLE_SERVER=a:54"]);
        assert_eq!(taken(&[("host", "a"), ("port", "")]), ["EXAMPLE_SERVER=a"]);
        assert_eq!(taken(&[("EX_Token", "t"), ("port", "54")]), ["EXAMPLE_TOKEN=t"]);
        assert_eq!(taken(&[("dns_example_token", "u")]), ["EXAMPLE_TOKEN=u"]);
        assert_eq!(taken(&[("other", "u")]), [""; 0]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let path = path.to_str().unwrap();
        assert_eq!(taken(&[("dns_example_file", path)]), ["credentials"]);
        std::fs::write(path, "of a file\n").unwrap();
        assert_eq!(taken(&[("dns_example_file", path)]), ["EXAMPLE_TOKEN=of a file"]);
    }

    #[test]
    fn a_script_that_no_provider_stands_for_is_run_as_it_is() {
        let runner = Manifest { known_as: vec!["acme.sh".to_owned()], ..manifest() };
        let manifests = [manifest(), runner];
        let script = [(SCRIPT.to_owned(), Secret::new("/x/dns_other.sh"))];
        let index = |plugin, values: &[(String, Secret)]| {
            let found = provider(&manifests, plugin, values)?;
            manifests.iter().position(|manifest| std::ptr::eq(manifest, found))
        };
        assert_eq!(index("dns_ex", &script), Some(0));
        assert_eq!(index("dns_other", &script), Some(1));
        assert_eq!(index("dns_other", &[]), None);
    }
}
