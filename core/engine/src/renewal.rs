//! How a stored certificate is renewed: the wishes of the run that issued it, without secrets.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wildcert_acme::Secret;
use wildcert_dns::DnsOptions;

use crate::{
    ca::CaAccount,
    csr::ExternalCsr,
    deploy::Hooks,
    error::Error,
    instance::{ProviderInstance, Recipe},
    maintenance::Maintenance,
    outputs::{CSR, Outputs},
    request::CertificateRequest,
    store::CertificateInfo,
    window::Windows,
};

/// The wishes that `certificate.json` keeps.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Renewal {
    /// The CAs, as the user named them, the preferred one first.
    pub servers: Vec<String>,
    /// The account's contacts.
    pub contacts: Vec<String>,
    /// The provider instances.
    pub(crate) providers: Vec<Recipe>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The servers of zones, in place of their NS records, as `zone=host:port`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<String>,
    /// The recursive resolvers, as `host:port`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
    /// Whether the key is kept.
    pub reuse_key: bool,
    /// The common name of the root that the chain leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_chain: Option<String>,
    /// How many days before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The maintenance windows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<String>,
    /// How many days before its end no window is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_days: Option<u32>,
    /// Seconds to wait for propagation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_timeout: Option<u64>,
    /// The commands that go with it.
    #[serde(skip_serializing_if = "Hooks::is_empty")]
    pub hooks: Hooks,
}

impl Renewal {
    /// What to keep of a request; `recipes` are those of its providers, `dns` whom it asked.
    pub(crate) fn of(request: &CertificateRequest, recipes: Vec<Recipe>, dns: &DnsOptions) -> Self {
        Self {
            nameservers: dns.nameservers.iter().map(ToString::to_string).collect(),
            resolvers: dns.resolvers.iter().map(ToString::to_string).collect(),
            servers: request.cas.iter().map(|ca| ca.server.clone()).collect(),
            contacts: request.cas.first().map(|ca| ca.contacts.clone()).unwrap_or_default(),
            providers: recipes,
            profile: request.profile.clone(),
            reuse_key: request.reuse_key,
            preferred_chain: request.preferred_chain.clone(),
            days: request.days,
            windows: request.maintenance.windows.0.iter().map(ToString::to_string).collect(),
            emergency_days: request.maintenance.emergency_days,
            propagation_timeout: request.propagation_timeout.map(|time| time.as_secs()),
            hooks: request.hooks.clone(),
        }
    }
}

impl Renewal {
    /// At what times it may be renewed.
    pub fn maintenance(&self) -> Maintenance {
        let windows = self.windows.iter().filter_map(|text| text.parse().ok()).collect();
        Maintenance { windows: Windows(windows), emergency_days: self.emergency_days }
    }

    /// Whom the run that issued it asked, where that was not what the zones and the system say.
    fn dns(&self) -> Option<DnsOptions> {
        let dns = DnsOptions {
            nameservers: self.nameservers.iter().filter_map(|text| text.parse().ok()).collect(),
            resolvers: self.resolvers.iter().filter_map(|text| text.parse().ok()).collect(),
            ..DnsOptions::default()
        };
        (!dns.nameservers.is_empty() || !dns.resolvers.is_empty()).then_some(dns)
    }
}

impl CertificateRequest {
    /// The request that renews a stored certificate the way it was got. The secrets of providers
    /// come from the environment; a PFX needs its password set again.
    ///
    /// # Errors
    /// When the certificate request that it was issued for is no longer there.
    pub fn again(stored: &CertificateInfo) -> Result<Self, Error> {
        let Renewal { servers, contacts, providers, .. } = &stored.renewal;
        let servers = match servers.as_slice() {
            [] => std::slice::from_ref(&stored.server),
            some => some,
        };
        let ca =
            |server: &String| CaAccount { contacts: contacts.clone(), ..CaAccount::new(server) };
        let providers = match providers.as_slice() {
            [] => vec![ProviderInstance::new(&stored.provider)],
            some => some.iter().map(|recipe| renewing(recipe, some)).collect(),
        };
        let renewal = stored.renewal.clone();
        let csr = stored.external_csr.then(|| ExternalCsr::read(&stored.path.join(CSR)));
        Ok(Self {
            name: Some(stored.name.clone()),
            identifiers: stored.domains.iter().filter_map(|name| name.parse().ok()).collect(),
            cas: servers.iter().map(ca).collect(),
            providers,
            key_type: stored.key_type,
            reuse_key: renewal.reuse_key,
            csr: csr.transpose()?,
            outputs: Outputs { pem: stored.outputs.pem, der: stored.outputs.der, pfx: None },
            profile: renewal.profile,
            preferred_chain: renewal.preferred_chain,
            not_after: None,
            dns: stored.renewal.dns(),
            propagation_timeout: renewal.propagation_timeout.map(Duration::from_secs),
            days: renewal.days,
            maintenance: stored.renewal.maintenance(),
            force: false,
            ari: true,
            deploy: Vec::new(),
            hooks: renewal.hooks,
            lacking: Vec::new(),
        })
    }
}

/// The instance that renews what one of `all` was got with. What was set then is no more than a
/// configuration: who sets something else in the environment by now wants that.
fn renewing(recipe: &Recipe, all: &[Recipe]) -> ProviderInstance {
    let alike = all.iter().filter(|other| other.provider == recipe.provider);
    let instance = recipe.instance();
    let settings = instance.overrides.iter();
    let settings = settings.map(|(name, value)| (name.clone(), Secret::new(value.clone()).into()));
    ProviderInstance {
        configured: settings.collect(),
        overrides: Vec::new(),
        // A variable cannot say which of several it is for.
        environment_first: alike.count() < 2,
        ..instance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_before_what_was_set_at_the_first_issue() {
        let recipe = |instance: &str| Recipe {
            instance: instance.to_owned(),
            provider: "rfc2136".to_owned(),
            settings: vec![("RFC2136_NAMESERVER".to_owned(), "192.0.2.1".to_owned())],
            zones: Vec::new(),
        };
        let stored = |recipes: Vec<Recipe>| {
            let mut stored = CertificateInfo::sample("example.test");
            stored.renewal.providers = recipes;
            CertificateRequest::again(&stored).unwrap().providers
        };
        let alone = stored(vec![recipe("rfc2136")]);
        assert!(alone[0].environment_first && alone[0].overrides.is_empty());
        assert_eq!(alone[0].configured[0].0, "RFC2136_NAMESERVER");
        let several = stored(vec![recipe("one"), recipe("two")]);
        assert!(several.iter().all(|instance| !instance.environment_first));
    }
}
