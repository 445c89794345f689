//! The certificate that is wanted: options of `run` and `renew`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{DirArgs, SignatureArgs};

/// What a certificate shall be like. Texts are parsed later, so that all faults are told at once.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Certificate")]
pub(crate) struct CertificateArgs {
    /// Domain name to certify, `*.` in front for a wildcard (repeatable, or separated by commas);
    /// names such as `例え.jp` are taken as they are
    #[arg(short, long = "domain", alias = "domains", value_name = "NAME", value_delimiter = ',')]
    pub(crate) domains: Vec<String>,
    /// Add `www.` and the domain to each domain that is no wildcard
    #[arg(long)]
    pub(crate) with_www: bool,
    /// Name of the certificate in the state folder [default: the first domain]
    #[arg(short = 'c', long, aliases = ["cert.name", "filename"], value_name = "NAME")]
    pub(crate) cert_name: Option<String>,
    /// Kind of the certificate's key: ec256, ec384, rsa2048, rsa3072, rsa4096 or ed25519 [default:
    /// as in the certificate that is renewed, otherwise ec256]
    #[arg(short, long, value_name = "KIND")]
    pub(crate) key_type: Option<String>,
    /// Keep the private key when the certificate is renewed
    #[arg(long)]
    pub(crate) reuse_key: bool,
    /// Certificate request (PKCS#10, PEM or DER) made elsewhere; it says the domains, and its
    /// private key is never seen
    #[arg(long, value_name = "FILE", conflicts_with_all = ["domains", "key_type", "reuse_key"])]
    pub(crate) csr: Option<PathBuf>,
    /// One of the CA's certificate profiles
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Common name of the root that the chain shall lead to, where the CA offers several
    #[arg(long, value_name = "NAME")]
    pub(crate) preferred_chain: Option<String>,
    /// When the certificate shall end, as 2027-01-31T00:00:00Z; few CAs take it
    #[arg(long, value_name = "TIME")]
    pub(crate) not_after: Option<String>,
    /// Renew when no more than this many days are left [default: when the CA suggests it, else at
    /// a third of the lifetime]
    #[arg(long, alias = "renew-days", value_name = "N")]
    pub(crate) days: Option<String>,
    /// Renew only at this time of the week, as `Sun 02:00-05:00 Asia/Tokyo`, `Mon-Fri 03:00-04:00`
    /// or `daily 22:00-02:00 UTC` (repeatable)
    #[arg(long, value_name = "WINDOW")]
    pub(crate) window: Vec<String>,
    /// Renew outside of the windows when no more than this many days are left [default: half of
    /// what is left when it becomes due]
    #[arg(long, value_name = "N")]
    pub(crate) emergency_days: Option<String>,
    /// Renew even when it is not due
    #[arg(long, aliases = ["renew-force", "force-renewal"])]
    pub(crate) force: bool,
    /// Do not ask the CA when to renew
    #[arg(long, alias = "ari-disable")]
    pub(crate) no_ari: bool,
    /// Exit with 5 instead of 0 when nothing was due
    #[arg(long)]
    pub(crate) exit_code_unchanged: bool,
    /// lego's word for what is always so: nothing sleeps before a renewal.
    #[arg(long, hide = true)]
    pub(crate) no_random_sleep: bool,
    /// lego's word for what is always so: a certificate for other domains is replaced.
    #[arg(long, hide = true)]
    pub(crate) force_cert_domains: bool,

    /// Store the key and the whole chain in one PEM file too
    #[arg(long, help_heading = "Files")]
    pub(crate) pem: bool,
    /// Store the certificate and its key in DER too
    #[arg(long, help_heading = "Files")]
    pub(crate) der: bool,
    /// Store key and chain as PKCS#12 too
    #[arg(long, help_heading = "Files")]
    pub(crate) pfx: bool,
    /// File with the password of the PKCS#12 file; without it, it is asked for [env:
    /// WILDCERT_PFX_PASSWORD, LEGO_PFX_PASSWORD]
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub(crate) pfx_password_file: Option<PathBuf>,
    /// lego's way to give the password, which others can read.
    #[arg(long, hide = true, aliases = ["pfx.pass", "pfx.password"])]
    pub(crate) pfx_password: Option<String>,
    /// Encryption of the PKCS#12 file: sha256 (AES-256), des or rc2 [default: sha256]
    #[arg(long, alias = "pfx.format", value_name = "FORMAT", help_heading = "Files")]
    pub(crate) pfx_format: Option<String>,
}

/// Who sets the TXT records.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Provider")]
pub(crate) struct ProviderArgs {
    /// The provider that sets the TXT records: its id or a module's file
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) dns: Option<String>,
    /// lego's and others' words for proofs that wildcert does not make.
    #[arg(long, hide = true, alias = "tls")]
    pub(crate) http: bool,
    /// Setting of the provider, in place of the environment variable (repeatable); others can read
    /// command lines, so prefer the environment for secrets
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) dns_opt: Vec<String>,
    /// Seconds to wait for the records on all authoritative servers [default: the provider's]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) propagation_timeout: Option<String>,
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
}
