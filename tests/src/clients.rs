//! Other ACME clients, as Debian has them, before the servers of a rig.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use crate::{bind::Algorithm, guide::succeed, program, rig::Rig};

/// Debian's certbot, lego and dehydrated with a folder each; their records go to the rig's BIND.
#[derive(Debug)]
pub struct Clients<'a>(&'a Rig);

impl<'a> Clients<'a> {
    /// Writes what they need: credentials for certbot's plugin, dehydrated's configuration and hook.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn new(rig: &'a Rig) -> Self {
        let clients = Self(rig);
        fs::create_dir_all(clients.dehydrated()).expect("a folder");
        let (server, algorithm) = (rig.bind.server(), Algorithm::HmacSha256);
        let (key, secret) = (algorithm.key(), rig.bind.secret(algorithm));
        let credentials = format!(
            "dns_rfc2136_server = 127.0.0.1\ndns_rfc2136_port = {}\ndns_rfc2136_name = {key}\n\
             dns_rfc2136_secret = {secret} # of the test\ndns_rfc2136_algorithm = HMAC-SHA256\n",
            server.port()
        );
        private(&clients.credentials(), &credentials, 0o600);
        let hook = format!(
            "#!/bin/sh\ncase $1 in\ndeploy_challenge) change=add;;\n\
             clean_challenge) change=delete;;\n\
             deploy_cert) echo \"$2 ${{5##*/}}\" >> {calls}; exit;;\n*) exit;;\nesac\n\
             printf 'server 127.0.0.1 {port}\\nkey hmac-sha256:%s %s\\nupdate %s %s 60 TXT \"%s\"\\nsend\\n' \\\n\
             {key} {secret} $change _acme-challenge.$2. \"$4\" | nsupdate\n",
            port = server.port(),
            calls = clients.calls().display(),
        );
        private(&clients.dehydrated().join("hook"), &hook, 0o700);
        let config = format!(
            "BASEDIR={}\nCA=\"{}\"\nCHALLENGETYPE=\"dns-01\"\nHOOK=\"${{BASEDIR}}/hook\"\n\
             KEY_ALGO=rsa\nKEYSIZE=2048\nCONTACT_EMAIL=dehydrated@example.test\n\
             CURL_OPTS=\"--cacert {}\"\n",
            clients.dehydrated().display(),
            rig.pebble.directory(),
            rig.pebble.ca_bundle().display(),
        );
        private(&clients.dehydrated().join("config"), &config, 0o600);
        clients.write_programs();
        clients
    }

    /// certbot's configuration folder.
    pub fn certbot(&self) -> PathBuf {
        self.0.home().join("letsencrypt")
    }

    /// The INI file of certbot's plugin for RFC 2136.
    pub fn credentials(&self) -> PathBuf {
        self.0.home().join("rfc2136.ini")
    }

    /// lego's folder.
    pub fn lego(&self) -> PathBuf {
        self.0.home().join("lego")
    }

    /// dehydrated's folder.
    pub fn dehydrated(&self) -> PathBuf {
        self.0.home().join("dehydrated")
    }

    /// A line for each call of dehydrated's hook for a new certificate: domain and file.
    pub fn calls(&self) -> PathBuf {
        self.0.home().join("calls")
    }

    /// The folder with `certbot`, `lego` and `dehydrated` that know all this.
    pub fn programs(&self) -> PathBuf {
        self.0.home().join("clients")
    }

    /// Runs one of the programs to its end.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self, program: &str, words: &[&str]) {
        succeed(Command::new(self.programs().join(program)).args(words).current_dir(self.0.home()));
    }

    fn write_programs(&self) {
        fs::create_dir(self.programs()).expect("a new folder");
        let (rig, home) = (self.0, self.0.home().display());
        let (bundle, server) = (rig.pebble.ca_bundle(), rig.pebble.directory());
        let bundle = bundle.display();
        let algorithm = Algorithm::HmacSha256;
        let program = |name: &str, text: String| {
            let path = program::path(name);
            let text = text.replace("PROGRAM", &path.display().to_string());
            private(&self.programs().join(name), &format!("#!/bin/sh\n{text}\n"), 0o700);
        };
        program(
            "certbot",
            format!(
                "export REQUESTS_CA_BUNDLE={bundle}\n\
             [ $1 = certonly ] && set -- \"$@\" --agree-tos --dns-rfc2136-propagation-seconds 0 \\\n\
             --register-unsafely-without-email\n\
             exec PROGRAM \"$@\" -n --server {server} --config-dir {} \\\n\
             --work-dir {home}/certbot-work --logs-dir {home}/certbot-logs",
                self.certbot().display(),
            ),
        );
        program(
            "lego",
            format!(
                "export LEGO_CA_CERTIFICATES={bundle} RFC2136_NAMESERVER={address} \\\n\
             RFC2136_TSIG_ALGORITHM=hmac-sha256. RFC2136_TSIG_KEY={} RFC2136_TSIG_SECRET={}\n\
             exec PROGRAM --path {} --server {server} --dns.disable-cp --dns.resolvers {address} \"$@\"",
                algorithm.key(),
                rig.bind.secret(algorithm),
                self.lego().display(),
                address = rig.bind.server().address(),
            ),
        );
        let folder = self.dehydrated();
        let folder = folder.display();
        program("dehydrated", format!("cd {folder}\nexec PROGRAM \"$@\" --config {folder}/config"));
    }
}

fn private(path: &PathBuf, text: &str, mode: u32) {
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
}
