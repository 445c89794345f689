//! The pages for those who come from another client do what they say: their own client's commands,
//! then the import, then ours.

use std::{fs, path::Path};

use wildcert_tests::{Clients, Rig, blocks, built, commands, shell, succeed};

/// Runs the commands of a page: so many of the other client's first, so that there is something to
/// import, and the rest behind ours.
fn page(rig: &Rig, clients: &Clients<'_>, page: &str, first: usize) {
    wildcert(rig, &clients.programs());
    let run = |commands: &str| {
        let commands = commands
            .replace("example.com", "example.test")
            .replace("cloudflare", "rfc2136")
            .replace("/etc/letsencrypt", &clients.certbot().display().to_string())
            .replace("/etc/dehydrated", &clients.dehydrated().display().to_string())
            .replace(" .lego ", &format!(" {} ", clients.lego().display()));
        succeed(&mut shell(&commands, rig.home(), &clients.programs()))
    };
    let commands = commands(page, "Commands");
    assert!(commands.len() > 5, "{commands:?}");
    commands.iter().take(first).for_each(|[theirs, _]| drop(run(theirs)));
    let registered = rig.pebble.count("POST /sign-me-up");
    let import = blocks(page, "Take over").into_iter().find(|block| block.info == "sh").unwrap();
    let said = run(&import.text);
    assert!(said.contains("example.test"), "{said}");
    for [_, ours] in &commands {
        run(ours);
    }
    assert_eq!(rig.pebble.count("POST /sign-me-up"), registered);
    commands.iter().skip(first).for_each(|[theirs, _]| drop(run(theirs)));
}

/// Puts a `wildcert` beside the clients that knows the rig's servers by its environment and its file.
fn wildcert(rig: &Rig, programs: &Path) {
    let file = rig.home().join("wildcert.toml");
    let address = rig.bind.server().address();
    fs::write(&file, format!("nameservers = [\"example.test={address}\"]\n")).unwrap();
    let algorithm = wildcert_tests::Algorithm::HmacSha256;
    let text = format!(
        "#!/bin/sh\nexport WILDCERT_CONFIG={} WILDCERT_PATH={} WILDCERT_SERVER={} \\\n\
         LEGO_CA_CERTIFICATES={} RFC2136_NAMESERVER={address} RFC2136_TSIG_KEY={} \\\n\
         RFC2136_TSIG_SECRET={}\nexec {} \"$@\"\n",
        file.display(),
        rig.path().display(),
        rig.pebble.directory(),
        rig.pebble.ca_bundle().display(),
        algorithm.key(),
        rig.bind.secret(algorithm),
        built("wildcert").display(),
    );
    let program = programs.join("wildcert");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
}

#[test]
fn from_certbot() {
    let rig = Rig::start();
    page(&rig, &Clients::new(&rig), "coming-from-certbot.md", 1);
}

#[test]
fn from_lego() {
    let rig = Rig::start();
    page(&rig, &Clients::new(&rig), "coming-from-lego.md", 1);
}

#[test]
fn from_dehydrated() {
    let rig = Rig::start();
    let clients = Clients::new(&rig);
    let domains = clients.dehydrated().join("domains.txt");
    fs::write(domains, "example.test *.example.test\n").unwrap();
    page(&rig, &clients, "coming-from-dehydrated.md", 2);
}
