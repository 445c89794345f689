//! Fetching a page from a test server.

use reqwest::{Certificate, Client};
use tokio::runtime::Builder;

/// The body at `url`, trusting only the certificates in `roots`; none when there is no answer.
pub(crate) fn get(url: &str, roots: &[u8]) -> Option<String> {
    // An Err says that another test has installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let roots = Certificate::from_pem_bundle(roots).ok()?;
    let client = Client::builder().tls_certs_only(roots).no_proxy().build().ok()?;
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        let answer = client.get(url).send().await.ok()?;
        answer.error_for_status().ok()?.text().await.ok()
    })
}
