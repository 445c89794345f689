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
        // The server adds a value only once, and misses nothing that it shall remove.
        let answer = self.request(cx, "POST", path).json(&body).repeatable().send()?;
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
mod tests;
