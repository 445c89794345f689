//! The certificate that is asked for: flags over what a request says already.

use std::{fs, time::Duration};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use wildcert::{
    CertificateRequest, ExternalCsr, LateSecret, MaintenanceWindow, PfxFormat, ProviderInstance,
    Windows,
    acme::Secret,
    config::{CertificateOptions, PfxOptions, PfxSetting},
    dns::Identifier,
    store_name,
};
use zeroize::Zeroizing;

use super::{options::Settings, with_www::with_www};
use crate::{
    args::{CertificateArgs, WantedArgs},
    env,
    fault::{Fault, Said, unread},
};

/// How a PKCS#12 file is wanted, before its password is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct PfxWish {
    pub(crate) format: PfxFormat,
    pub(crate) password: Option<LateSecret>,
}

impl Settings<'_> {
    /// Takes what options say of every certificate.
    pub(super) fn certificates(mut self, args: &WantedArgs) -> Self {
        self.flags = self.flags(&args.certificate);
        self.hooks = self.hook_options(&args.hooks);
        self.overrides = self.provider_options(&args.provider.dns_opt);
        let option = "--propagation-timeout";
        let seconds = self.number(option, args.provider.propagation_timeout.as_deref());
        self.propagation_timeout = seconds.map(|seconds| Duration::from_secs(seconds.into()));
        self
    }

    /// The certificate that the options describe; for what they do not say, the file has defaults.
    /// Faulty parts are left out, and told by `finish`.
    pub(crate) fn request(&mut self, args: &WantedArgs) -> CertificateRequest {
        let file = self.file();
        let nobody = ProviderInstance::new("");
        let mut request = CertificateRequest {
            cas: self.cas.clone(),
            providers: self.options.providers.clone(),
            ..CertificateRequest::new(Vec::new(), self.first_ca(), nobody)
        };
        request.identifiers = self.all("--domain", &args.certificate.domains);
        if let Some(path) = &args.certificate.csr {
            match ExternalCsr::read(path) {
                Ok(csr) => {
                    request.identifiers = csr.identifiers().to_vec();
                    request.csr = Some(csr);
                }
                Err(error) => self.faults.push(Fault::of_error("--csr", &error)),
            }
        }
        let defaults = match args.certificate.csr {
            Some(_) => for_csr(&file.settings.defaults),
            None => file.settings.defaults.clone(),
        };
        apply(&mut request, &defaults);
        self.overlay(&mut request, args);
        self.complete(&request, args);
        request
    }

    /// What options and file say of every certificate whose domains a list has.
    pub(crate) fn base(&mut self, args: &WantedArgs) -> CertificateRequest {
        let mut with_domain = args.clone();
        with_domain.certificate.domains = vec!["placeholder.invalid".to_owned()];
        CertificateRequest { identifiers: Vec::new(), ..self.request(&with_domain) }
    }

    /// The certificates that are named: by name, or as lego does by their first domain.
    pub(crate) fn stored_names(&mut self, names: &[String], args: &WantedArgs) -> Vec<String> {
        if !names.is_empty() {
            return names.to_vec();
        }
        match &args.certificate.cert_name {
            Some(name) => vec![name.clone()],
            None => self.stored_under(&args.certificate.domains).into_iter().take(1).collect(),
        }
    }

    /// What the certificates are called whose first domains these are.
    pub(crate) fn stored_under(&mut self, domains: &[String]) -> Vec<String> {
        let domains: Vec<Identifier> = self.all("--domain", domains);
        domains.iter().map(store_name).collect()
    }

    /// Tells that the store has no certificate of that name.
    pub(crate) fn no_certificate(&mut self, name: &str) {
        self.faults.push(Fault::new("fault-not-renewable", &[("name", name.into())]));
    }

    /// Puts the options that are given over a request, whose names stay; what they do not say stays
    /// too.
    pub(crate) fn overlay(&mut self, request: &mut CertificateRequest, args: &WantedArgs) {
        if args.certificate.cert_name.is_some() {
            request.name.clone_from(&args.certificate.cert_name);
        }
        apply(request, &self.flags);
        request.force |= args.certificate.force;
        request.ari &= !args.certificate.no_ari;
        request.hooks = self.hooks.clone().or(std::mem::take(&mut request.hooks));
        if self.propagation_timeout.is_some() {
            request.propagation_timeout = self.propagation_timeout;
        }
        self.provider(request, args.provider.dns.as_deref());
        self.account(request, args);
    }

    /// Takes the settings of a provider.
    pub(crate) fn provider_options(&mut self, texts: &[String]) -> Vec<(String, String)> {
        let mut options = Vec::new();
        for text in texts {
            match text.split_once('=') {
                Some((name, value)) if !name.is_empty() => {
                    options.push((name.to_owned(), value.to_owned()));
                }
                // The text may be a secret that somebody wrote without its name.
                _ => self.fault("--dns-opt", Said::new("fault-not-pair", &[])),
            }
        }
        options
    }

    /// The provider instance that a name means: one of the file, or the provider of that id or path.
    pub(crate) fn instance(&self, name: &str) -> ProviderInstance {
        let known = self.options.providers.iter().find(|instance| instance.name == name);
        known.cloned().unwrap_or_else(|| ProviderInstance::new(name))
    }

    /// Gives the providers of a stored certificate what the file says of them: it has their secrets.
    pub(crate) fn known(&self, request: &mut CertificateRequest) {
        for instance in &mut request.providers {
            let known = self.options.providers.iter().find(|known| known.name == instance.name);
            if let Some(known) = known {
                instance.clone_from(known);
            }
        }
    }

    /// What is known of the PKCS#12 file that is wanted; none when it is not.
    ///
    /// `setting` is what the file says of it and `certificate` the table that does, if one does; `kept`
    /// is the format that a stored certificate has.
    pub(crate) fn pfx(
        &mut self,
        args: &CertificateArgs,
        setting: Option<&PfxSetting>,
        certificate: Option<&str>,
        kept: Option<PfxFormat>,
    ) -> Option<PfxWish> {
        let PfxOptions { password, format } = match setting {
            Some(PfxSetting::Yes(options)) => options.clone(),
            _ if args.pfx || kept.is_some() => PfxOptions::default(),
            _ => return None,
        };
        let given = args.pfx_format.as_deref().and_then(|text| text.parse().ok());
        let format = given.or(format).or(kept).unwrap_or_default();
        let configured = password.map(|source| {
            let own = certificate.map(|name| ["certificates", name, "pfx", "password"]);
            let own = own.filter(|own| self.file.line(&self.file.place(own).0).is_some());
            let parts = own.as_ref().map_or(&["pfx", "password"][..], |own| &own[..]);
            LateSecret::configured(&self.file, parts, &source)
        });
        let password = self.pfx_password(args).map(LateSecret::from).or(configured);
        Some(PfxWish { format, password })
    }

    /// The password of PKCS#12 files, from the file that an option names, an option or the environment.
    fn pfx_password(&mut self, args: &CertificateArgs) -> Option<Secret> {
        if let Some(path) = &args.pfx_password_file {
            match fs::read_to_string(path).map(Zeroizing::new) {
                Ok(text) => {
                    let line = text.strip_suffix('\n').unwrap_or(&text);
                    let line = line.strip_suffix('\r').unwrap_or(line);
                    return Some(Secret::from(line.to_owned()));
                }
                Err(error) => {
                    self.fault("--pfx-password-file", unread(path, &error));
                }
            }
        }
        let given = args.pfx_password.clone();
        let mut variable = || self.variable(env::PFX_PASSWORD, env::LEGO_PFX_PASSWORD);
        given.or_else(|| variable().map(|(_, text)| text)).map(Secret::from)
    }

    /// What options say of certificates.
    fn flags(&mut self, args: &CertificateArgs) -> CertificateOptions {
        if let Some(Err(reason)) = args.pfx_format.as_deref().map(str::parse::<PfxFormat>) {
            self.fault("--pfx-format", reason.into());
        }
        let key_type = args.key_type.as_deref().map(str::parse);
        let key_type = key_type.and_then(|kind| {
            kind.map_err(|reason: String| self.fault("--key-type", reason.into())).ok()
        });
        let not_after = args.not_after.as_deref().and_then(|text| {
            let end = OffsetDateTime::parse(text, &Rfc3339).ok();
            if end.is_none() {
                self.fault("--not-after", Said::new("fault-not-time", &[("text", text.into())]));
            }
            end
        });
        CertificateOptions {
            key_type,
            reuse_key: args.reuse_key.then_some(true),
            profile: args.profile.clone(),
            preferred_chain: args.preferred_chain.clone(),
            not_after,
            days: self.number("--days", args.days.as_deref()),
            windows: self.windows(&args.window),
            emergency_days: self.number("--emergency-days", args.emergency_days.as_deref()),
            with_www: args.with_www.then_some(true),
            pem: args.pem.then_some(true),
            der: args.der.then_some(true),
            pfx: args.pfx.then(|| PfxSetting::Yes(PfxOptions::default())),
            ..CertificateOptions::default()
        }
    }

    /// The CAs where some are named, and what is told of the account there.
    fn account(&mut self, request: &mut CertificateRequest, args: &WantedArgs) {
        if !args.ca.server.is_empty() {
            let contacts = request.cas.first().map(|ca| ca.contacts.clone()).unwrap_or_default();
            request.cas = self.cas.clone();
            for ca in request.cas.iter_mut().filter(|ca| ca.contacts.is_empty()) {
                ca.contacts.clone_from(&contacts);
            }
        }
        for ca in &mut request.cas {
            ca.terms_agreed |= self.given.terms_agreed;
            if !args.ca.email.is_empty() {
                ca.contacts.clone_from(&self.given.contacts);
            }
            if self.given.external.is_some() {
                ca.external.clone_from(&self.given.external);
            }
        }
    }

    fn provider(&mut self, request: &mut CertificateRequest, named: Option<&str>) {
        if let Some(name) = named {
            // Whoever names it wants it to set the records, whatever zones the file gives it.
            request.providers = vec![ProviderInstance { zones: Vec::new(), ..self.instance(name) }];
        }
        if !self.overrides.is_empty() && request.providers.len() > 1 {
            let fault = Fault::new("fault-several-providers", &[]);
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
            return;
        }
        for instance in &mut request.providers {
            instance.overrides.extend(self.overrides.iter().cloned());
        }
    }

    /// The maintenance windows; those that are none are told.
    fn windows(&mut self, texts: &[String]) -> Vec<MaintenanceWindow> {
        let mut windows = Vec::new();
        for text in texts {
            match text.parse() {
                Ok(window) => windows.push(window),
                Err(error) => self.faults.push(Fault::of_window("--window", &error)),
            }
        }
        windows
    }

    fn number(&mut self, option: &str, text: Option<&str>) -> Option<u32> {
        let text = text?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(option, Said::new("fault-not-number", &[("text", text.into())]));
        }
        number
    }

    /// Tells what a request lacks that flags alone describe.
    fn complete(&mut self, request: &CertificateRequest, args: &WantedArgs) {
        let mut probe = request.clone();
        // Domains were given, only none that can be used, which is told already.
        let given = !args.certificate.domains.is_empty() || args.certificate.csr.is_some();
        if probe.identifiers.is_empty() && given {
            probe.identifiers.extend("placeholder.invalid".parse::<Identifier>());
        }
        for message in probe.faults().0 {
            self.faults.push(Fault { message: message.into(), hint: None });
        }
        if request.providers.is_empty() && !args.provider.http {
            self.faults.push(Fault::new("fault-no-provider", &[]));
        }
    }
}

/// Puts what is said of certificates into a request; what is not said stays.
pub(super) fn apply(request: &mut CertificateRequest, options: &CertificateOptions) {
    let set = |to: &mut Option<String>, text: &Option<String>| {
        if text.is_some() {
            to.clone_from(text);
        }
    };
    request.key_type = options.key_type.or(request.key_type);
    request.reuse_key = options.reuse_key.unwrap_or(request.reuse_key);
    set(&mut request.profile, &options.profile);
    set(&mut request.preferred_chain, &options.preferred_chain);
    request.not_after = options.not_after.or(request.not_after);
    request.days = options.days.or(request.days);
    let maintenance = &mut request.maintenance;
    if !options.windows.is_empty() {
        maintenance.windows = Windows(options.windows.clone());
    }
    maintenance.emergency_days = options.emergency_days.or(maintenance.emergency_days);
    request.outputs.pem = options.pem.unwrap_or(request.outputs.pem);
    request.outputs.der = options.der.unwrap_or(request.outputs.der);
    if options.with_www == Some(true) {
        with_www(&mut request.identifiers);
    }
}

/// What holds for every certificate, without what a certificate request from elsewhere cannot have.
pub(super) fn for_csr(options: &CertificateOptions) -> CertificateOptions {
    CertificateOptions {
        key_type: None,
        reuse_key: None,
        with_www: None,
        pem: None,
        pfx: None,
        ..options.clone()
    }
}

#[cfg(test)]
mod tests;
