//! The table of public CAs: data only, with the page where each line was read.

use crate::Authority;

const READ: &str = "2026-11-22";

/// Where lego lists its names of CAs with their directories.
const LEGO: &str = "https://go-acme.github.io/lego/advanced/caservers/";

/// What stands where a CA's pages say nothing.
const SILENT: Authority = Authority {
    name: "",
    aliases: &[],
    title: "",
    directory: None,
    staging: false,
    external_account: None,
    certificate_keys: &[],
    notes: "",
    source: LEGO,
    read: READ,
};

pub(crate) const AUTHORITIES: &[Authority] = &[
    Authority {
        name: "letsencrypt",
        title: "Let's Encrypt",
        directory: Some("https://acme-v02.api.letsencrypt.org/directory"),
        notes: "It has profiles: classic is the default, tlsserver is leaner, shortlived lasts six \
                days",
        source: "https://letsencrypt.org/docs/profiles",
        ..SILENT
    },
    Authority {
        name: "letsencrypt-staging",
        aliases: &["letsencrypt_test"],
        title: "Let's Encrypt, staging",
        directory: Some("https://acme-staging-v02.api.letsencrypt.org/directory"),
        staging: true,
        ..SILENT
    },
    Authority {
        name: "zerossl",
        title: "ZeroSSL",
        directory: Some("https://acme.zerossl.com/v2/DV90"),
        external_account: Some("generate them at https://app.zerossl.com/developer"),
        notes: "Certificates last 90 days",
        source: "https://github.com/acmesh-official/acme.sh/wiki/ZeroSSL.com-CA",
        ..SILENT
    },
    Authority {
        name: "google",
        aliases: &["googletrust", "gts"],
        title: "Google Trust Services",
        directory: Some("https://dv.acme-v02.api.pki.goog/directory"),
        external_account: Some(
            "run `gcloud publicca external-account-keys create` and use them within 7 days",
        ),
        source: "https://docs.cloud.google.com/certificate-manager/docs/public-ca-tutorial",
        ..SILENT
    },
    Authority {
        name: "google-staging",
        aliases: &["googletrust-staging", "googletest", "google_test"],
        title: "Google Trust Services, staging",
        directory: Some("https://dv.acme-v02.test-api.pki.goog/directory"),
        staging: true,
        external_account: Some(
            "create them with gcloud in the staging environment; those of the production \
             environment are not taken",
        ),
        source: "https://docs.cloud.google.com/certificate-manager/docs/public-ca-tutorial",
        ..SILENT
    },
    Authority {
        name: "sslcom-rsa",
        aliases: &["sslcomrsa", "sslcom"],
        title: "SSL.com, RSA",
        directory: Some("https://acme.ssl.com/sslcom-dv-rsa"),
        external_account: Some("log in at SSL.com and open `api credentials` on the dashboard"),
        certificate_keys: &["rsa2048", "rsa3072", "rsa4096"],
        source: "https://www.ssl.com/guide/ssl-tls-certificate-issuance-and-revocation-with-acme/",
        ..SILENT
    },
    Authority {
        name: "sslcom-ecc",
        aliases: &["sslcomecc"],
        title: "SSL.com, ECDSA",
        directory: Some("https://acme.ssl.com/sslcom-dv-ecc"),
        external_account: Some("log in at SSL.com and open `api credentials` on the dashboard"),
        certificate_keys: &["ec256", "ec384"],
        source: "https://www.ssl.com/guide/ssl-tls-certificate-issuance-and-revocation-with-acme/",
        ..SILENT
    },
    Authority {
        name: "actalis",
        title: "Actalis",
        directory: Some("https://acme-api.actalis.com/acme/directory"),
        external_account: Some("activate ACME for the certificate in Actalis' customer area"),
        source: "https://guide.actalis.com/ssl/activation/acme",
        ..SILENT
    },
    Authority {
        name: "jprs",
        title: "JPRS, domain validation",
        directory: Some("https://acme.amecert.jprs.jp/DV/getDirectory"),
        external_account: Some(
            "apply to JPRS' reseller (JPDirect: step `ACMEアカウントの発行`); they are good for 14 \
             days",
        ),
        notes: "One to six different contacts are wanted; certificates last 90 days; OCSP lags up \
                to 10 minutes behind",
        source: "https://jpdirect.jp/support/ssl/acme-issue.html",
        ..SILENT
    },
    Authority {
        name: "secom",
        title: "SECOM Passport for Web",
        external_account: Some("they come in a file with a certbot command in it: --eab-file"),
        certificate_keys: &["rsa2048"],
        notes: "SECOM names the URL of its directory to each customer, in the file with the \
                credentials for external account binding",
        source: "https://www.secomtrust.net/service/pfw/",
        ..SILENT
    },
    Authority {
        name: "digicert",
        title: "DigiCert",
        directory: Some("https://one.digicert.com/mpki/api/v1/acme/v2/directory"),
        external_account: Some(
            "create an ACME profile in Trust Lifecycle Manager, or ACME credentials in CertCentral",
        ),
        notes: "Accounts of a region have a directory of their own, on one.digicert.co.jp in \
                Japan: its URL stands beside the credentials, which also say what is issued",
        source: "https://docs.digicert.com/en/trust-lifecycle-manager/integration-guides/\
                 third-party-acme-integration.html",
        ..SILENT
    },
    Authority {
        name: "sectigo",
        aliases: &["sectigo-dv"],
        title: "Sectigo, domain validation",
        directory: Some("https://acme.sectigo.com/v2/DV"),
        external_account: Some("create an ACME account with Sectigo; they serve more than once"),
        source: "https://docs.sectigo.com/caas/caas-api-guide/create-acme-accounts.html",
        ..SILENT
    },
    Authority {
        name: "sectigo-ov",
        aliases: &["sectigoov"],
        title: "Sectigo, organisation validation",
        directory: Some("https://acme.sectigo.com/v2/OV"),
        external_account: Some("create an ACME account with Sectigo; they serve more than once"),
        ..SILENT
    },
    Authority {
        name: "sectigo-ev",
        aliases: &["sectigoev"],
        title: "Sectigo, extended validation",
        directory: Some("https://acme.sectigo.com/v2/EV"),
        external_account: Some("create an ACME account with Sectigo; they serve more than once"),
        ..SILENT
    },
    Authority {
        name: "globalsign",
        title: "GlobalSign Atlas",
        directory: Some("https://emea.acme.atlas.globalsign.com/directory"),
        external_account: Some("set an account up in GlobalSign's Atlas portal"),
        source: "https://support.globalsign.com/atlas/acme/acme-overview",
        ..SILENT
    },
    Authority {
        name: "harica",
        title: "HARICA",
        external_account: Some("create an ACME account at https://cm.harica.gr"),
        notes: "HARICA shows the URL of the directory with each ACME account, at \
                https://cm.harica.gr",
        source: "https://doku.tid.dfn.de/de:dfnpki:tcs:2025:acme",
        ..SILENT
    },
    Authority {
        name: "freessl",
        title: "FreeSSL",
        directory: Some("https://acmepro.freessl.cn/v2/DV"),
        ..SILENT
    },
    Authority {
        name: "litessl",
        title: "LiteSSL",
        directory: Some("https://acme.litessl.com/acme/v2/directory"),
        ..SILENT
    },
    Authority {
        name: "peeringhub",
        title: "PeeringHub",
        directory: Some("https://stica.peeringhub.io/acme"),
        ..SILENT
    },
    Authority {
        name: "buypass",
        aliases: &["buypass_test"],
        title: "Buypass Go SSL",
        notes: "Buypass has issued no server certificates since October 2025",
        source: "https://www.buypass.com/products/tls-ssl-certificates/\
                 discontinues-issuance-of-tls-ssl-certificates",
        ..SILENT
    },
];
