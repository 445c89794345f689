//! The certificate that `run` is asked for, from its flags.

use std::time::Duration;

use wildcert::{CertificateRequest, ProviderInstance, dns::Identifier};

use super::options::Settings;
use crate::{args::RunArgs, error::Fault};

impl Settings<'_> {
    /// The certificate that `run` is asked for; faulty parts are left out, and told by `finish`.
    pub(crate) fn request(&mut self, args: &RunArgs) -> CertificateRequest {
        let provider = ProviderInstance {
            overrides: self.provider_options(&args.dns_opt),
            ..ProviderInstance::new(args.dns.clone().unwrap_or_default())
        };
        let unnamed = provider.module.is_empty();
        let identifiers = self.all("--domain", &args.domains);
        let mut request = CertificateRequest {
            name: args.cert_name.clone(),
            cas: self.cas.clone(),
            force: args.force,
            ..CertificateRequest::new(identifiers, self.first_ca(), provider)
        };
        self.request_faults(&request, args);
        if let Some(kind) = &args.key_type {
            match kind.parse() {
                Ok(kind) => request.key_type = Some(kind),
                Err(reason) => self.fault("--key-type", reason, None),
            }
        }
        if unnamed {
            let hint = "name it with --dns ID; `wildcert providers list` shows those that are here";
            self.faults.push(Fault {
                message: "no provider is named to set the TXT records".to_owned(),
                hint: Some(hint.to_owned()),
            });
        }
        request.days = self.number("--days", args.days.as_deref());
        let seconds = self.number("--propagation-timeout", args.propagation_timeout.as_deref());
        request.propagation_timeout = seconds.map(|seconds| Duration::from_secs(seconds.into()));
        request
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
                _ => self.fault("--dns-opt", "it is not of the form NAME=VALUE", None),
            }
        }
        options
    }

    fn number(&mut self, option: &str, text: Option<&str>) -> Option<u32> {
        let text = text?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(option, format!("`{text}` is not a whole number"), None);
        }
        number
    }

    fn request_faults(&mut self, request: &CertificateRequest, args: &RunArgs) {
        let mut probe = request.clone();
        // Domains were given, only none that can be used, which is told already.
        if probe.identifiers.is_empty() && !args.domains.is_empty() {
            probe.identifiers.extend("placeholder.invalid".parse::<Identifier>());
        }
        for message in probe.faults().0 {
            self.faults.push(Fault { message, hint: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use wildcert::{KeyType, acme::KeyAlgorithm};

    use super::*;
    use crate::settings::options::tests::{faults, gather};

    #[test]
    fn a_good_command_line_becomes_options_and_request() {
        let (options, request) = gather(
            &[
                "-d",
                "Example.test,*.example.test",
                "--dns",
                "pdns",
                "-k",
                "RSA2048",
                "-m",
                "mailto:a@example.test",
                "-m",
                "b@example.test",
                "-a",
                "--account-key",
                "rs256",
                "--nameserver",
                "example.test=127.0.0.1:5353",
                "--dns-resolvers",
                "192.0.2.1",
                "--dns-opt",
                "PDNS_API_KEY=a=b",
                "--days",
                "10",
                "--propagation-timeout",
                "30",
                "-s",
                "letsencrypt-staging",
                "--provider-dir",
                "x",
                "--cert-name",
                "c",
                "--force",
            ],
            &[],
        )
        .unwrap();
        assert_eq!(options.path, PathBuf::from("/p"));
        assert_eq!(options.server, "letsencrypt-staging");
        assert_eq!(options.contacts, ["a@example.test", "b@example.test"]);
        assert!(options.terms_agreed);
        assert_eq!(options.account_key, KeyAlgorithm::Rs256);
        assert_eq!(options.dns.nameservers[0].to_string(), "example.test.=127.0.0.1:5353");
        assert_eq!(options.dns.resolvers[0].to_string(), "192.0.2.1:53");
        assert_eq!(options.provider_dirs, [PathBuf::from("x")]);
        let names: Vec<&str> = request.identifiers.iter().map(Identifier::ascii).collect();
        assert_eq!(names, ["example.test", "*.example.test"]);
        assert_eq!(request.store_name(), "c");
        assert_eq!(request.key_type, Some(KeyType::Rsa2048));
        assert_eq!(request.provider, "pdns");
        assert_eq!(request.provider_options, [("PDNS_API_KEY".to_owned(), "a=b".to_owned())]);
        assert_eq!(request.days, Some(10));
        assert_eq!(request.propagation_timeout, Some(Duration::from_secs(30)));
        assert!(request.force);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = faults(
            &[
                "-d",
                "a..b",
                "-d",
                "192.0.2.1",
                "--nameserver",
                "example.test",
                "--dns-resolvers",
                "192.0.2.1:0",
                "-k",
                "dsa",
                "--dns-opt",
                "s3cret",
                "--days",
                "x",
                "-m",
                "nobody",
                "--propagation-timeout",
                "1.5",
                "-s",
                "ftp://ca.test",
                "--account-key",
                "md5",
                "--ca-bundle",
                "/does/not/exist",
                "--eab-kid",
                "k",
                "--cert-name",
                "../x",
            ],
            &[],
        );
        let expected = [
            "--server: ",
            "--ca-bundle: `/does/not/exist` cannot be read",
            "--email: `nobody` is not an e-mail address",
            "external account binding: --eab-hmac-key is missing",
            "--account-key: `md5` is not one of ES256, ES384, RS256",
            "--nameserver: `example.test` names no DNS server",
            "--dns-resolvers: `192.0.2.1:0` names no DNS server",
            "--domain: `a..b` is not a usable domain name",
            "--domain: `192.0.2.1` is not a usable domain name",
            "--dns-opt: it is not of the form NAME=VALUE",
            "certificate name `../x` is not made of",
            "--key-type: `dsa` is not one of ec256",
            "no provider is named",
            "--days: `x` is not a whole number",
            "--propagation-timeout: `1.5` is not a whole number",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(fault.starts_with(expected), "{fault} / {expected}");
        }
    }

    #[test]
    fn a_run_without_domain_and_provider_says_so() {
        let faults = gather(&[], &[]).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert!(faults[0].message.starts_with("no domain is given"));
        assert!(faults[1].hint.as_ref().unwrap().contains("providers list"));
    }
}
