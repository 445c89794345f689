//! A web server of the user's that changes the DNS: lego's `httpreq` protocol.

use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Provider, Removal, RequestBuilder, Result, TxtRecord, challenge, export_provider,
};

struct HttpReq {
    endpoint: String,
    raw: bool,
    credentials: Option<(String, String)>,
}

export_provider!(HttpReq);

impl Provider for HttpReq {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let setting = |name| cx.config.get(name).map(str::to_owned);
        let endpoint = cx.config.require("HTTPREQ_ENDPOINT")?;
        // As in lego, a query is not part of the endpoint.
        let endpoint = endpoint.split(['?', '#']).next().unwrap_or_default();
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            raw: challenge::raw_mode(cx.config, "HTTPREQ_MODE")?,
            credentials: setting("HTTPREQ_USERNAME").zip(setting("HTTPREQ_PASSWORD")),
        })
    }

    /// The protocol has no request that changes nothing: whatever stands at the endpoint shows that
    /// the server is there, and 401 or 403 that it does not know the credentials.
    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        let answer = self.request(cx, "GET", "/").send()?;
        match answer.status {
            401 | 403 | 500..=599 => answer.success(|_| None).map(|_| Vec::new()),
            _ => Ok(Vec::new()),
        }
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        records.iter().map(|record| self.post(cx, "/present", record).map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|removal| self.post(cx, "/cleanup", &removal.record)).collect()
    }
}

impl HttpReq {
    fn post(&self, cx: &Context<'_>, path: &str, record: &TxtRecord) -> Result<()> {
        let body = self.body(record)?;
        let answer = self.request(cx, "POST", path).json(&body).send()?;
        let doing = || format!("`{}{path}` for `{}`", self.endpoint, record.owner);
        answer.success(|_| None).map(drop).map_err(|error| error.context(doing()))
    }

    fn body(&self, record: &TxtRecord) -> Result<Value> {
        if !self.raw {
            return Ok(json!({ "fqdn": record.owner, "value": record.value }));
        }
        let challenge = record.challenge()?;
        Ok(json!({
            "domain": challenge.domain,
            "token": challenge.token,
            "keyAuth": challenge.key_authorization,
        }))
    }

    fn request<'a>(&self, cx: &Context<'a>, method: &str, path: &str) -> RequestBuilder<'a> {
        let request = cx.request(method, format!("{}{path}", self.endpoint));
        match &self.credentials {
            Some((user, password)) => request.basic(user, password),
            None => request,
        }
    }
}

#[cfg(test)]
mod tests {
    use wildcert_plugin_sdk::{
        ErrorKind,
        manifest::Manifest,
        testing::{Exchange, FakeHost, record, removal, the_error},
    };

    use super::*;

    const OWNER: &str = "_acme-challenge.example.com.";
    const ENDPOINT: (&str, &str) = ("HTTPREQ_ENDPOINT", "https://dns.test/acme/?x=y");

    fn post(path: &str, body: Value) -> Exchange {
        Exchange::new("POST", &format!("https://dns.test/acme{path}"))
            .header("content-type", "application/json")
            .json(body)
    }

    fn run<T>(
        settings: &[(&str, &str)],
        script: impl IntoIterator<Item = Exchange>,
        operation: impl FnOnce(&HttpReq, &Context<'_>) -> T,
    ) -> T {
        let host = FakeHost::new(script);
        let result = host.call(settings, |cx| operation(&HttpReq::new(cx).unwrap(), cx));
        host.finish();
        result
    }

    #[test]
    fn each_value_is_a_request() {
        let script = [
            post("/present", json!({"fqdn": OWNER, "value": "a"})),
            post("/present", json!({"fqdn": OWNER, "value": "b"})).answer(204, ""),
            post("/cleanup", json!({"fqdn": OWNER, "value": "a"})),
        ];
        run(&[ENDPOINT], script, |provider, cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
            assert_eq!(results, [Ok(None), Ok(None)]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
    }

    #[test]
    fn raw_mode_hands_on_the_challenge() {
        let options = [
            (challenge::DOMAIN, "example.com"),
            (challenge::TOKEN, "tok"),
            (challenge::KEY_AUTHORIZATION, "tok.key"),
        ];
        let mut with = record(OWNER, "a");
        with.options = options.map(|(name, value)| (name.into(), value.into())).to_vec();
        let body = json!({"domain": "example.com", "token": "tok", "keyAuth": "tok.key"});
        run(&[ENDPOINT, ("HTTPREQ_MODE", "RAW")], [post("/present", body)], |provider, cx| {
            assert_eq!(provider.present(cx, &[with]), [Ok(None)]);
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::Unsupported);
        });
    }

    #[test]
    fn credentials_are_sent_when_both_are_set() {
        let settings = [ENDPOINT, ("HTTPREQ_USERNAME", "u"), ("HTTPREQ_PASSWORD", "p")];
        let script = [
            post("/present", json!({"fqdn": OWNER, "value": "a"}))
                .header("authorization", "Basic dTpw"),
            Exchange::new("GET", "https://dns.test/acme/")
                .header("authorization", "Basic dTpw")
                .answer(401, "who?"),
        ];
        run(&settings, script, |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
            assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Auth);
        });
    }

    #[test]
    fn the_servers_words_and_the_url_are_in_the_error() {
        let script =
            [post("/present", json!({"fqdn": OWNER, "value": "a"})).answer(500, "disk full\n")];
        run(&[ENDPOINT], script, |provider, cx| {
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!((error.kind, error.status), (ErrorKind::Transient, Some(500)));
            let expected = format!("`https://dns.test/acme/present` for `{OWNER}`: disk full");
            assert_eq!(error.message, expected);
        });
    }

    #[test]
    fn a_check_is_content_with_any_page() {
        let script = [Exchange::new("GET", "https://dns.test/acme/").answer(404, "")];
        run(&[ENDPOINT], script, |provider, cx| assert_eq!(provider.check(cx), Ok(Vec::new())));
    }

    #[test]
    fn the_manifest_is_valid() {
        let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
        assert_eq!((manifest.id.as_str(), unknown.len()), ("httpreq", 0));
    }
}
