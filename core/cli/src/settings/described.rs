//! The certificates that the configuration file describes.

use wildcert::{
    CertificateRequest, Error, ExternalCsr, ProviderInstance, config::Certificate, plugin::near,
};

use super::{
    options::Settings,
    request::{PfxWish, apply, for_csr},
};
use crate::{
    args::WantedArgs,
    fault::{Fault, Said},
};

/// A certificate of the file, or why it cannot even be tried.
pub(crate) struct Described {
    pub(crate) name: String,
    pub(crate) request: Result<CertificateRequest, Error>,
    pub(crate) pfx: Option<PfxWish>,
}

impl Settings<'_> {
    /// Whether the file describes a certificate of that name.
    pub(crate) fn describes(&self, name: &str) -> bool {
        self.file.settings.certificates.contains_key(name)
    }

    /// The certificates of these names, all where there are none, as the file describes them and options
    /// change them. Names that the file does not have become faults.
    pub(crate) fn described(&mut self, names: &[String], args: &WantedArgs) -> Vec<Described> {
        let file = self.file();
        let known = || file.settings.certificates.keys().map(String::as_str);
        for name in names.iter().filter(|name| !file.settings.certificates.contains_key(*name)) {
            let near: Vec<String> =
                near(name, known()).iter().map(|near| format!("`{near}`")).collect();
            let id = match file.file.as_os_str().is_empty() {
                true => "fault-no-file",
                false => "fault-not-in-file",
            };
            let path = file.file.display().to_string();
            let values = [("name", name.as_str().into()), ("path", path.into())];
            let message = Said::new(id, &values);
            let near = (!near.is_empty()).then(|| near.join(", "));
            let hint = near.map(|names| Said::new("fault-near", &[("names", names.into())]));
            self.faults.push(Fault { message, hint });
        }
        let wanted = |name: &String| names.is_empty() || names.contains(name);
        let certificates = file.settings.certificates.iter().filter(|(name, _)| wanted(name));
        certificates.map(|(name, certificate)| self.describe(name, certificate, args)).collect()
    }

    fn describe(&mut self, name: &str, certificate: &Certificate, args: &WantedArgs) -> Described {
        let csr = certificate.csr.as_deref().map(ExternalCsr::read).transpose();
        let csr = match csr {
            Ok(csr) => csr,
            Err(error) => {
                return Described { name: name.to_owned(), request: Err(error), pfx: None };
            }
        };
        let options = match &csr {
            Some(_) => for_csr(&certificate.options),
            None => certificate.options.clone(),
        };
        let identifiers = match &csr {
            Some(csr) => csr.identifiers().to_vec(),
            None => certificate.domains.clone(),
        };
        let cas = self.cas_of(&options);
        let providers = match certificate.providers.as_slice() {
            [] => self.options.providers.clone(),
            names => names.iter().map(|name| self.instance(name)).collect(),
        };
        let first = cas.first().cloned().unwrap_or_else(|| self.first_ca());
        let mut request = CertificateRequest {
            cas,
            providers,
            csr,
            deploy: certificate.deploy.clone(),
            ..CertificateRequest::new(identifiers, first, ProviderInstance::new(""))
        };
        apply(&mut request, &options);
        self.overlay(&mut request, args);
        request.name = Some(name.to_owned());
        let pfx = self.pfx(&args.certificate, options.pfx.as_ref(), Some(name), None);
        Described { name: name.to_owned(), request: Ok(request), pfx }
    }
}
