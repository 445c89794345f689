//! INWX, over its XML-RPC API DomRobot.

use std::time::Duration;

use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, RequestBuilder, Response, Result,
    TxtRecord, Zone, export_provider, pages,
    session::{self, Token},
    totp,
};

/// The one method that is not the same twice.
const CREATE: &str = "nameserver.createRecord";

const SECRET: &str = "INWX_SHARED_SECRET";

struct Inwx {
    url: &'static str,
    user: String,
    password: String,
}

export_provider!(Records<Inwx>);

impl RecordApi for Inwx {
    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self {
            url: match cx.config.is_on("INWX_SANDBOX")? {
                true => "https://api.ote.domrobot.com/xmlrpc/",
                false => "https://api.domrobot.com/xmlrpc/",
            },
            user: cx.config.require("INWX_USERNAME")?.to_owned(),
            password: cx.config.require("INWX_PASSWORD")?.to_owned(),
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::counted(|page| {
            let wanted = json!({"page": page, "pagelimit": 500});
            let answer = self.ask(cx, "nameserver.list", wanted)?;
            let domains = answer["domains"].as_array().into_iter().flatten();
            let names = domains.filter_map(|domain| domain["domain"].as_str());
            Ok((names.map(Zone::named).collect(), answer["count"].as_u64().unwrap_or_default()))
        })
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let name = owner.trim_end_matches('.');
        let wanted = json!({"domain": zone.id, "name": name, "type": "TXT"});
        let answer = self.ask(cx, "nameserver.info", wanted)?;
        let records = answer["record"].as_array().into_iter().flatten();
        let at_owner = records.filter(|record| record["name"] == name && record["type"] == "TXT");
        let listed = at_owner.filter_map(|record| {
            let value = record["content"].as_str()?.to_owned();
            // Identifiers are numbers or texts, and go back as what they came.
            Some(Listed { id: record["id"].to_string(), value })
        });
        Ok(listed.collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let new = json!({
            "domain": zone.id, "name": record.owner.trim_end_matches('.'), "type": "TXT",
            "content": record.value, "ttl": record.ttl,
        });
        match self.ask(cx, CREATE, new) {
            Err(error) if error.status == Some(409) => Err(error.into_conflict()),
            answer => Ok(answer?["id"].to_string()),
        }
    }

    fn delete(&self, cx: &Context<'_>, _: &Zone, id: &str) -> Result<()> {
        let id: Value = serde_json::from_slice(id.as_bytes()).unwrap_or_else(|_| id.into());
        self.ask(cx, "nameserver.deleteRecord", json!({"id": id})).map(drop)
    }
}

impl Inwx {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, given: &Value) -> RequestBuilder<'a> {
        cx.request("POST", self.url).xmlrpc(method, std::slice::from_ref(given))
    }

    fn ask(&self, cx: &Context<'_>, method: &str, given: Value) -> Result<Value> {
        let send = |cookie: &str| {
            let request = self.request(cx, method, &given).header("cookie", cookie);
            let request = if method == CREATE { request } else { request.repeatable() };
            result(request.send()?)
        };
        session::run(cx, "session", || self.log_in(cx), send)
    }

    fn log_in(&self, cx: &Context<'_>) -> Result<Token> {
        let who = json!({"user": self.user, "pass": self.password, "lang": "en"});
        let answer = self.request(cx, "account.login", &who).repeatable().send()?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let value = cookie.unwrap_or_default().to_owned();
        if result(answer)?["tfa"].as_str().is_some_and(|kind| kind != "0") {
            match self.unlock(cx, &value) {
                // A code counts once: that of this half minute may be used up.
                Err(error) if error.kind == ErrorKind::Auth => {
                    cx.host.sleep(Duration::from_millis(30_000 - cx.host.now() % 30_000));
                    self.unlock(cx, &value)?;
                }
                outcome => outcome?,
            }
        }
        Ok(Token { value, lifetime: Duration::from_secs(1800) })
    }

    /// The second step of a log-in with two-factor authentication.
    fn unlock(&self, cx: &Context<'_>, cookie: &str) -> Result<()> {
        let secret = cx.config.require(SECRET);
        let secret = secret.map_err(|error| error.context("the account wants a second factor"))?;
        let tan = json!({"tan": totp::code(SECRET, secret, 6, 30, cx.host.now())?});
        let request = self.request(cx, "account.unlock", &tan).header("cookie", cookie);
        result(request.send()?).map(drop)
    }
}

/// What a method gives back. The vendor's codes are those of EPP (RFC 5730 §3) and come with status
/// 200; 2002 is what it says to those who are not logged in.
fn result(answer: Response) -> Result<Value> {
    let mut value = answer.xmlrpc()?;
    let code = value["code"].as_i64().unwrap_or_default();
    if (1000..2000).contains(&code) {
        return Ok(value["resData"].take());
    }
    let words = [&value["msg"], &value["reason"]].map(|words| words.as_str().unwrap_or_default());
    let words = format!("{} (code {code})", words.join(" ").trim());
    Err(match code {
        2002 | 2200..=2202 | 2501 => Error::auth(words),
        2302 => Error::from_status(409, words),
        2303 => Error::from_status(404, words),
        2400 | 2500 => Error::transient(words),
        2502 => Error::new(ErrorKind::RateLimited, words),
        _ => Error::permanent(words),
    })
}

#[cfg(test)]
mod tests;
