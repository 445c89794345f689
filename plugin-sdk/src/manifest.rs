//! provider.toml: what a provider says of itself, read without running it.

use serde::Deserialize;

/// What provider.toml says.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// What users write after `--dns`: lower case letters, digits and hyphens.
    pub id: String,
    /// The vendor's name.
    pub name: String,
    /// The vendor's page.
    pub homepage: String,
    /// The vendor's documentation of the API.
    #[serde(default)]
    pub api_docs: Option<String>,
    /// The contract's version, `0.1`.
    pub abi: String,
    /// How the vendor keeps TXT values.
    pub model: Model,
    /// True for what only a native module can do; the module is then not built as WebAssembly.
    #[serde(default)]
    pub native_only: bool,
    /// What the user must know to set it up, in Markdown: where to get credentials, the least
    /// rights they need.
    #[serde(default)]
    pub help: String,
    /// A complete command line.
    #[serde(default)]
    pub example: Option<String>,
    /// The settings.
    #[serde(default)]
    pub config: Vec<Setting>,
    /// Sets of settings of which one must be complete; empty when `required` says it all.
    #[serde(default)]
    pub credential_sets: Vec<Vec<String>>,
    /// What other clients call it in the files that `wildcert import` reads: acme.sh `dns_cf`, certbot
    /// `dns-cloudflare`, Posh-ACME `Cloudflare`.
    #[serde(default)]
    pub known_as: Vec<String>,
    /// What it talks to.
    #[serde(default)]
    pub reach: Reach,
    /// How hard it may be driven.
    #[serde(default)]
    pub limits: Limits,
    /// The TTLs that the vendor takes.
    #[serde(default)]
    pub ttl: TtlRange,
    /// How long the vendor's servers take.
    #[serde(default)]
    pub propagation: Propagation,
}

/// How a vendor keeps TXT values.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Each TXT record is an object of its own.
    Record,
    /// All values of an owner name are one object.
    Rrset,
    /// The whole zone is one object.
    Zone,
}

/// One setting.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub struct Setting {
    /// The environment variable, also with `_FILE`; the name under which the provider reads it.
    pub name: String,
    /// Other environment variables with the same meaning, in order of preference after `name`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What other clients call it in their files, besides `name` and `aliases`; of names in braces
    /// all must be there and are put in place: `{HOST}:{PORT}`.
    #[serde(default)]
    pub known_as: Vec<String>,
    /// The same for names under which they keep the path of a file that holds the value.
    #[serde(default)]
    pub known_as_file: Vec<String>,
    /// True for what must never be shown.
    #[serde(default)]
    pub secret: bool,
    /// True when nothing works without it.
    #[serde(default)]
    pub required: bool,
    /// The value when the user gives none.
    #[serde(default)]
    pub default: Option<String>,
    /// What it is, in one line.
    pub help: String,
    /// What the core itself does with the value.
    #[serde(default)]
    pub role: Option<Role>,
}

/// A setting that the core reads too.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Seconds to wait for one answer, over HTTP or DNS.
    HttpTimeout,
    /// Seconds to wait for propagation.
    PropagationTimeout,
    /// The TTL of the records, in seconds.
    Ttl,
}

/// What a provider talks to: origins, or `{SETTING}` for the origin of the URL in that setting.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case", default)]
pub struct Reach {
    /// `https://api.example.com`, `https://*.example.com` (one label or more) or `{SETTING}`.
    pub http: Vec<String>,
    /// `{SETTING}`, whose value is `HOST` or `HOST:PORT` (53 when absent).
    pub dns: Vec<String>,
}

/// How hard a vendor's API may be driven.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case", default)]
pub struct Limits {
    /// Calls at once within one zone, for different owner names.
    pub concurrency: u32,
    /// HTTP requests a second; none for no limit.
    pub requests_per_second: Option<f64>,
}

/// The TTLs that a vendor takes, in seconds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case", default)]
pub struct TtlRange {
    /// The least.
    pub minimum: u32,
    /// What wildcert asks for.
    pub default: u32,
    /// The most.
    pub maximum: u32,
}

/// How long a vendor's servers take.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case", default)]
pub struct Propagation {
    /// Seconds after which waiting is given up.
    pub timeout_s: u64,
}

/// Why a provider.toml cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum ManifestError {
    /// It is not TOML, or a key is missing or of the wrong type.
    Syntax(toml::de::Error),
    /// Its content contradicts itself: all faults, one line each.
    Invalid(Vec<String>),
}

impl Manifest {
    /// Reads provider.toml; the second part lists the keys that this version does not know.
    ///
    /// The host ignores unknown keys, so that a newer provider works with an older wildcert; the
    /// build refuses them, because they are typing errors there.
    ///
    /// # Errors
    /// When the text is no manifest, or contradicts itself.
    pub fn parse(text: &str) -> Result<(Self, Vec<String>), ManifestError> {
        let mut unknown = Vec::new();
        let document = toml::Deserializer::parse(text).map_err(ManifestError::Syntax)?;
        let manifest: Self =
            serde_ignored::deserialize(document, |path| unknown.push(path.to_string()))
                .map_err(ManifestError::Syntax)?;
        let faults = manifest.faults();
        if faults.is_empty() {
            Ok((manifest, unknown))
        } else {
            Err(ManifestError::Invalid(faults))
        }
    }

    /// The setting of that name or alias.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.config
            .iter()
            .find(|setting| setting.name == name || setting.aliases.iter().any(|a| a == name))
    }

    /// The setting with that role.
    pub fn role(&self, role: Role) -> Option<&Setting> {
        self.config.iter().find(|setting| setting.role == Some(role))
    }

    /// What is shown to people, and the key that it stands under.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let mut texts = vec![
            ("name", self.name.as_str()),
            ("homepage", &self.homepage),
            ("abi", &self.abi),
            ("help", &self.help),
        ];
        texts.extend(self.api_docs.iter().map(|text| ("api-docs", text.as_str())));
        texts.extend(self.example.iter().map(|text| ("example", text.as_str())));
        for Setting { name, aliases, default, help, .. } in &self.config {
            let own = [name, help].into_iter().chain(aliases).chain(default);
            texts.extend(own.map(|text| ("config", text.as_str())));
        }
        let reach = self.reach.http.iter().chain(&self.reach.dns);
        texts.extend(reach.map(|text| ("reach", text.as_str())));
        texts
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_id(&self.id) {
            faults.push(format!("id `{}` is not made of a-z, 0-9 and `-`", self.id));
        }
        // Texts of strangers are shown on terminals, which some characters steer.
        let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        let steering = self.texts().into_iter().filter(|(_, text)| text.contains(steers));
        faults.extend(steering.map(|(key, _)| format!("{key} holds control characters")));
        let mut names: Vec<&str> = Vec::new();
        for setting in &self.config {
            for name in std::iter::once(&setting.name).chain(&setting.aliases) {
                if names.contains(&name.as_str()) {
                    faults.push(format!("config `{name}` stands twice"));
                }
                names.push(name);
            }
            if setting.secret && setting.default.is_some() {
                faults.push(format!("config `{}` is secret and has a default", setting.name));
            }
        }
        let placeholders =
            self.reach.http.iter().chain(&self.reach.dns).filter_map(|reach| {
                reach.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            });
        for name in placeholders.chain(self.credential_sets.iter().flatten().map(String::as_str)) {
            if !self.config.iter().any(|setting| setting.name == name) {
                faults.push(format!("`{name}` is used, but no [[config]] has this name"));
            }
        }
        for reach in self.reach.http.iter().filter(|reach| !reach.starts_with('{')) {
            if !reach.starts_with("https://") || reach[8..].contains(['/', '@', '?', '#', ':']) {
                faults.push(format!("reach `{reach}` is not of the form https://HOST"));
            }
        }
        for reach in self.reach.dns.iter().filter(|reach| !reach.starts_with('{')) {
            faults.push(format!("reach `{reach}`: DNS servers are named by a setting, `{{NAME}}`"));
        }
        let TtlRange { minimum, default, maximum } = self.ttl;
        if !(minimum <= default && default <= maximum) {
            faults.push(format!("ttl: {minimum} ≤ {default} ≤ {maximum} does not hold"));
        }
        if self.limits.concurrency == 0 {
            faults.push("limits.concurrency is 0".to_owned());
        }
        if self.limits.requests_per_second.is_some_and(|rate| rate.is_nan() || rate <= 0.0) {
            faults.push("limits.requests-per-second is not above 0".to_owned());
        }
        faults
    }
}

/// Whether `text` may be a provider's id: a word of `a`-`z`, `0`-`9` and `-`.
pub fn is_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(allowed)
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 1, requests_per_second: None }
    }
}

impl Default for TtlRange {
    fn default() -> Self {
        Self { minimum: 1, default: 120, maximum: 86_400 }
    }
}

impl Default for Propagation {
    fn default() -> Self {
        Self { timeout_s: 120 }
    }
}

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "{}", error.to_string().trim_end()),
            Self::Invalid(faults) => write!(f, "{}", faults.join("; ")),
        }
    }
}

impl std::error::Error for ManifestError {}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"
        id = "example"
        name = "Example"
        homepage = "https://example.com/"
        abi = "0.1"
        model = "record"
    "#;

    fn parse(rest: &str) -> Result<(Manifest, Vec<String>), ManifestError> {
        Manifest::parse(&format!("{HEAD}\n{rest}"))
    }

    fn faults(rest: &str) -> String {
        match parse(rest) {
            Err(ManifestError::Invalid(faults)) => faults.join("\n"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_left_out_has_defaults() {
        let (manifest, unknown) = parse("").unwrap();
        assert!(unknown.is_empty() && !manifest.native_only && manifest.reach.http.is_empty());
        assert_eq!(manifest.limits, Limits { concurrency: 1, requests_per_second: None });
        assert_eq!(manifest.ttl, TtlRange { minimum: 1, default: 120, maximum: 86_400 });
        assert_eq!(manifest.propagation.timeout_s, 120);
    }

    #[test]
    fn settings_are_found_by_name_alias_and_role() {
        let (manifest, _) = parse(
            "[[config]]\nname = \"A_TTL\"\naliases = [\"B_TTL\"]\nhelp = \"h\"\nrole = \"ttl\"",
        )
        .unwrap();
        assert_eq!(manifest.setting("B_TTL"), manifest.setting("A_TTL"));
        assert_eq!(manifest.role(Role::Ttl), manifest.setting("A_TTL"));
        assert!(manifest.setting("A_TTL").is_some() && manifest.role(Role::HttpTimeout).is_none());
    }

    #[test]
    fn unknown_keys_are_listed_and_ignored() {
        let (_, unknown) = parse("colour = 1\n[limits]\nspeed = 2").unwrap();
        assert_eq!(unknown, ["colour", "limits.speed"]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let all = faults(
            r#"
            credential-sets = [["MISSING"]]
            [reach]
            http = ["http://example.com", "https://example.com/path", "{ABSENT}", "https://*.example.com"]
            dns = ["192.0.2.1"]
            [limits]
            concurrency = 0
            requests-per-second = 0.0
            [ttl]
            minimum = 300
            [[config]]
            name = "TWICE"
            secret = true
            default = "x"
            help = "h"
            [[config]]
            name = "OTHER"
            aliases = ["TWICE"]
            help = "h"
            "#,
        );
        for part in [
            "`MISSING` is used",
            "`http://example.com`",
            "`https://example.com/path`",
            "`ABSENT` is used",
            "`192.0.2.1`",
            "concurrency is 0",
            "requests-per-second is not above 0",
            "300 ≤ 120",
            "`TWICE` is secret and has a default",
            "`TWICE` stands twice",
        ] {
            assert!(all.contains(part), "{part} in\n{all}");
        }
        assert_eq!(all.lines().count(), 10, "{all}");
    }

    #[test]
    fn no_text_steers_a_terminal() {
        let all = faults(
            r#"
            help = "clear\u001b[2J\n"
            example = "a\rb"
            [reach]
            http = ["https://example.com\u0008"]
            [[config]]
            name = "A"
            aliases = ["B\u009b"]
            help = "tabs\tand\nlines are fine"
            "#,
        );
        for key in ["help", "example", "reach", "config"] {
            assert!(all.contains(&format!("{key} holds control characters")), "{key} in\n{all}");
        }
        assert_eq!(all.lines().count(), 4, "{all}");
    }

    #[test]
    fn an_id_is_a_word_for_command_lines() {
        for id in ["", "Example", "a_b", "a/b"] {
            let text = HEAD.replace("\"example\"", &format!("{id:?}"));
            assert!(matches!(Manifest::parse(&text), Err(ManifestError::Invalid(_))), "{id}");
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        assert!(matches!(Manifest::parse("id ="), Err(ManifestError::Syntax(_))));
        let error = Manifest::parse("id = \"x\"").unwrap_err();
        assert!(error.to_string().contains("missing field"), "{error}");
    }
}
