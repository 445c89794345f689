//! The provider `route53` before moto, which looks at signatures with Amazon's own library.

use std::sync::Arc;

use tempfile::TempDir;
use wildcert_plugin::{
    Artifact, DnsProvider, ErrorKind, PluginHost, PluginOptions, Removal, Settings, TxtRecord,
};
use wildcert_tests::{Form, Moto, provider};

const ZONE: &str = "example.test.";
const OWNER: &str = "_acme-challenge.example.test.";

async fn route53(host: &PluginHost, moto: &Moto, secret: &str, form: Form) -> Arc<dyn DnsProvider> {
    let artifact = Artifact::read(&provider("route53", form)).unwrap();
    let settings = [
        ("AWS_ACCESS_KEY_ID", moto.key().0.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
        ("AWS_ENDPOINT_URL_ROUTE_53", moto.url()),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    let settings = Settings::resolve(&artifact.manifest, &settings, &|_| None, &[]).unwrap();
    host.load(&artifact, settings).await.unwrap()
}

fn record(value: &str) -> TxtRecord {
    let (zone, owner, value) = (ZONE.to_owned(), OWNER.to_owned(), value.to_owned());
    TxtRecord { zone, owner, value, ttl: 60, options: Vec::new() }
}

#[tokio::test]
async fn amazons_own_library_finds_the_signatures_right() {
    // Another test may have done so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let moto = Moto::start(ZONE);
    let cache = TempDir::new().unwrap();
    let options = PluginOptions { cache_dir: cache.path().to_owned(), ..PluginOptions::default() };
    let host = PluginHost::new(options);
    for form in [Form::Native, Form::Wasm] {
        let provider = route53(&host, &moto, moto.key().1, form).await;
        assert_eq!(provider.check().await.unwrap(), [ZONE], "{form:?}");
        // To moto a change that it has seen before is one that is still there.
        let [one, two] = ["one", "two"].map(|value| format!("{value}-{form:?}"));
        let quoted = |value: &String| format!("\"{value}\"");
        for value in [&one, &two] {
            let presented = provider.present(vec![record(value)]).await;
            assert!(matches!(presented[..], [Ok(None)]), "{form:?}: {presented:?}");
        }
        assert_eq!(moto.values(OWNER), [quoted(&one), quoted(&two)], "{form:?}");
        for (value, left) in [(&one, vec![quoted(&two)]), (&two, Vec::new())] {
            let removal = Removal { record: record(value), handle: None };
            let removed = provider.remove(vec![removal]).await;
            assert!(matches!(removed[..], [Ok(())]), "{form:?}: {removed:?}");
            assert_eq!(moto.values(OWNER), left, "{form:?}");
        }

        let refused = route53(&host, &moto, "not-the-secret", form).await;
        let error = refused.check().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{form:?}: {error}");
        let errors = refused.present(vec![record(&one)]).await;
        let error = errors.into_iter().next().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{form:?}: {error}");
        assert!(moto.values(OWNER).is_empty(), "{form:?}");
    }
}
