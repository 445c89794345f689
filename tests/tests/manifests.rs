//! The provider.toml of every provider says all that users need to be told.

use std::collections::{BTreeMap, BTreeSet};

use wildcert_plugin::manifest::{Manifest, Role, Setting};
use wildcert_tests::{manifest, provider_ids};

/// Names that sound secret and are not: identifiers, each beside a secret.
const PUBLIC: &[&str] = &[
    "ALICLOUD_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "OVH_APPLICATION_KEY",
    "RFC2136_TSIG_KEY",
    "RFC2136_TSIG_ALGORITHM",
    "SAKURACLOUD_ACCESS_TOKEN",
];

/// Theirs is the TTL of whoever they call.
const WITHOUT_TTL: &[&str] = &["exec", "exec-acmesh", "exec-certbot", "exec-dehydrated", "httpreq"];

#[test]
fn every_manifest_is_complete() {
    let mut faults = Vec::new();
    for id in provider_ids() {
        let manifest = manifest(&id);
        let of_this = about(&manifest).into_iter().chain(settings(&manifest));
        faults.extend(of_this.chain(example(&manifest)).map(|fault| format!("{id}: {fault}")));
    }
    assert_eq!(faults, [""; 0]);
}

#[test]
fn a_name_that_other_clients_use_means_one_thing() {
    let mut providers: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    for id in provider_ids() {
        let manifest = manifest(&id);
        for name in &manifest.known_as {
            if let Some(other) = providers.insert(name.clone(), id.clone()) {
                faults.push(format!("`{name}` is known as {other} and {id}"));
            }
        }
        let mut settings = BTreeSet::new();
        for setting in &manifest.config {
            let names = [&setting.aliases, &setting.known_as, &setting.known_as_file];
            for name in names.into_iter().flatten() {
                if !settings.insert(name.clone()) {
                    faults.push(format!("{id}: `{name}` is the name of two settings"));
                }
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}

fn about(manifest: &Manifest) -> Vec<String> {
    let mut faults = Vec::new();
    let pages = [("homepage", Some(&manifest.homepage)), ("api-docs", manifest.api_docs.as_ref())];
    for (key, page) in pages {
        if !page.is_some_and(|page| page.starts_with("https://")) {
            faults.push(format!("{key} is no page"));
        }
    }
    if manifest.help.trim().is_empty() {
        faults.push("there is no help".to_owned());
    }
    faults
}

fn settings(manifest: &Manifest) -> Vec<String> {
    let mut faults = Vec::new();
    for Setting { name, secret, help, role, default, .. } in &manifest.config {
        let words: Vec<&str> = name.split('_').collect();
        let sounds_secret =
            ["KEY", "PASSWORD", "SECRET", "TOKEN", "TSIG"].iter().any(|word| words.contains(word));
        if sounds_secret && !secret && !PUBLIC.contains(&name.as_str()) {
            faults.push(format!("{name} is not marked as secret"));
        }
        if PUBLIC.contains(&name.as_str()) && *secret {
            faults.push(format!("{name} is marked as secret"));
        }
        if help.is_empty() || help.ends_with('.') || help.contains('\n') {
            faults.push(format!("{name}: its help is no phrase on one line"));
        }
        if *role != role_of(name) {
            faults.push(format!("{name}: its role is {role:?}"));
        }
        // Two tables of the manifest say these; a default of the setting would say otherwise.
        if matches!(role, Some(Role::PropagationTimeout | Role::Ttl)) && default.is_some() {
            faults.push(format!("{name} has a default of its own"));
        }
    }
    let without_ttl = WITHOUT_TTL.contains(&manifest.id.as_str());
    if manifest.role(Role::Ttl).is_some() == without_ttl {
        faults.push("its TTL".to_owned());
    }
    if manifest.role(Role::PropagationTimeout).is_none() {
        faults.push("no setting for the time of propagation".to_owned());
    }
    faults
}

/// What lego's names for settings that the core reads end with.
fn role_of(name: &str) -> Option<Role> {
    let endings = [
        ("_TTL", Role::Ttl),
        ("_PROPAGATION_TIMEOUT", Role::PropagationTimeout),
        ("_HTTP_TIMEOUT", Role::HttpTimeout),
        ("_DNS_TIMEOUT", Role::HttpTimeout),
    ];
    endings.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, role)| *role)
}

/// The example is a command line that begins with settings, all that are needed.
fn example(manifest: &Manifest) -> Vec<String> {
    let id = &manifest.id;
    let example = manifest.example.as_deref().unwrap_or_default();
    let Some((variables, command)) = example.split_once(" wildcert run ") else {
        return vec!["the example does not run wildcert with settings".to_owned()];
    };
    let mut faults = Vec::new();
    if command != format!("-d example.com -d '*.example.com' --dns {id}") {
        faults.push(format!("the example runs `{command}`"));
    }
    let mut given = Vec::new();
    for variable in variables.split(' ') {
        let name = variable.split('=').next().unwrap_or_default();
        let known = |name: &str| manifest.config.iter().any(|setting| setting.name == name);
        match name.strip_suffix("_FILE").filter(|name| known(name)) {
            Some(setting) => given.push(setting),
            None if known(name) => given.push(name),
            None => faults.push(format!("the example sets {name}, which is no setting")),
        }
    }
    let required = manifest.config.iter().filter(|setting| setting.required);
    let missing = required.filter(|setting| !given.contains(&setting.name.as_str()));
    faults.extend(missing.map(|setting| format!("the example lacks {}", setting.name)));
    let sets = &manifest.credential_sets;
    let complete = |set: &Vec<String>| set.iter().all(|name| given.contains(&name.as_str()));
    if !sets.is_empty() && !sets.iter().any(complete) {
        faults.push("the example has no complete set of credentials".to_owned());
    }
    faults
}
