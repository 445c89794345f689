//! Amazon Route 53, over its API of 2013-04-01.

use std::time::Duration;

use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Job, RequestBuilder, Result, Rrset, RrsetApi, Rrsets, Zone,
    encoding, export_provider, pages,
    session::{self, Token},
    sigv4::{self, Credentials},
    xml::Element,
    zones,
};

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

struct Route53 {
    /// The URL of the API's version.
    api: String,
    sts: String,
    /// The region that signatures name.
    region: &'static str,
}

export_provider!(Rrsets<Route53>);

impl RrsetApi for Route53 {
    fn new(cx: &Context<'_>) -> Result<Self> {
        // Route 53 has one server for each partition.
        let (host, region, domain) = match cx.config.get("AWS_REGION").unwrap_or_default() {
            name if name.starts_with("cn-") => ("route53", "cn-northwest-1", "amazonaws.com.cn"),
            name if name.starts_with("us-gov-") => {
                ("route53.us-gov", "us-gov-west-1", "amazonaws.com")
            }
            _ => ("route53", "us-east-1", "amazonaws.com"),
        };
        let api = format!("https://{host}.{domain}");
        let api = cx.config.get("AWS_ENDPOINT_URL_ROUTE_53").unwrap_or(&api).trim_end_matches('/');
        let api = format!("{api}/2013-04-01");
        Ok(Self { api, sts: format!("https://sts.{region}.{domain}"), region })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let zone = |zone: &Element| {
            let id = zone.require("Id")?.trim_start_matches("/hostedzone/");
            Ok(Zone::new(id, zone.require("Name")?))
        };
        if let Some(id) = cx.config.get("AWS_HOSTED_ZONE_ID") {
            let answer = ask(self.request(cx, "GET", &format!("hostedzone/{id}"))?)?;
            return answer.all("HostedZone").map(zone).collect();
        }
        let private = cx.config.is_on("AWS_PRIVATE_ZONE")?.to_string();
        pages::all("hostedzonesbyname".to_owned(), |page| {
            let answer = ask(self.request(cx, "GET", page)?)?;
            let wanted = answer
                .all("HostedZones/HostedZone")
                .filter(|zone| zone.text_at("Config/PrivateZone").unwrap_or("false") == private);
            let next = |path| answer.text_at(path).map(encoding::percent);
            let next = next("NextDNSName")
                .zip(next("NextHostedZoneId"))
                .map(|(name, id)| format!("hostedzonesbyname?dnsname={name}&hostedzoneid={id}"));
            Ok((wanted.map(zone).collect::<Result<_>>()?, next))
        })
    }

    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        match cx.config.get("AWS_HOSTED_ZONE_ID") {
            Some(id) => Ok(Zone::new(id, name)),
            None => zones::in_listing(cx, name, || self.zones(cx)),
        }
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        let request = self.request(cx, "GET", &format!("hostedzone/{}/rrset", zone.id))?;
        let answer = ask(request.query("name", owner).query("type", "TXT").query("maxitems", "1"))?;
        // The listing begins there, and with what follows when there is none.
        let Some(set) = answer
            .all("ResourceRecordSets/ResourceRecordSet")
            .find(|set| set.text_at("Name") == Some(owner) && set.text_at("Type") == Some("TXT"))
        else {
            return Ok(None);
        };
        let ttl = set.require("TTL")?;
        let ttl =
            ttl.parse().map_err(|_| Error::permanent(format!("the TTL `{ttl}` is no number")))?;
        let data: Vec<&str> =
            set.all("ResourceRecords/ResourceRecord/Value").map(|value| &*value.text).collect();
        let values = data.iter().map(|data| encoding::unquote(data)).collect();
        Ok(Some(Rrset { ttl, values, version: Some(data.join("\n")) }))
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        self.change(cx, zone, &[(owner, rrset.clone())])
    }

    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        changes: &[(&str, Rrset)],
    ) -> Vec<Result<()>> {
        vec![self.change(cx, zone, changes); changes.len()]
    }
}

impl Route53 {
    /// All or nothing: what is deleted must be just as it was read.
    fn change(&self, cx: &Context<'_>, zone: &Zone, changes: &[(&str, Rrset)]) -> Result<()> {
        let waits = cx.config.is_on("AWS_WAIT_FOR_RECORD_SETS_CHANGED")?;
        let (mut list, mut grows) = (Element::new("Changes"), false);
        for (owner, Rrset { ttl, values, version }) in changes {
            let before = version.iter().flat_map(|data| data.split('\n')).map(str::to_owned);
            let before: Vec<String> = before.collect();
            let after = encoding::requote(&before, values);
            grows |= after.len() > before.len();
            for (action, data) in [("DELETE", before), ("CREATE", after)] {
                if !data.is_empty() {
                    list = list.child(change(action, owner, *ttl, &data));
                }
            }
        }
        let body = Element::new("ChangeResourceRecordSetsRequest").with("xmlns", NAMESPACE);
        let body = body.child(Element::new("ChangeBatch").child(list));
        let request = self.request(cx, "POST", &format!("hostedzone/{}/rrset/", zone.id))?;
        let answer = ask(request.xml(&body).repeatable())?;
        if !grows || !waits {
            return Ok(());
        }
        let id = answer.require("ChangeInfo/Id")?.trim_start_matches('/');
        cx.wait_until(Duration::from_secs(90), Duration::from_secs(2), || {
            match ask(self.request(cx, "GET", id)?)?.require("ChangeInfo/Status")? {
                "INSYNC" => Ok(Job::Done(())),
                status => Ok(Job::Pending(status.to_owned())),
            }
        })
    }

    fn request<'a>(
        &self,
        cx: &Context<'a>,
        method: &str,
        path: &str,
    ) -> Result<RequestBuilder<'a>> {
        let (credentials, region) = (self.credentials(cx)?, self.region);
        let request = cx.request(method, format!("{}/{path}", self.api)).header("accept", "*/*");
        Ok(request
            .signed(move |request, now| sigv4::sign(request, now, &credentials, region, "route53")))
    }

    /// The access key, or that of the role it assumes.
    fn credentials(&self, cx: &Context<'_>) -> Result<Credentials> {
        let own = Credentials {
            access_key: cx.config.require("AWS_ACCESS_KEY_ID")?.to_owned(),
            secret_key: cx.config.require("AWS_SECRET_ACCESS_KEY")?.to_owned(),
            session_token: cx.config.get("AWS_SESSION_TOKEN").map(str::to_owned),
        };
        let Some(role) = cx.config.get("AWS_ASSUME_ROLE_ARN") else { return Ok(own) };
        let kept = session::token(cx, role, || {
            let mut fields = vec![("Action", "AssumeRole"), ("Version", "2011-06-15")];
            fields.extend([("RoleArn", role), ("RoleSessionName", "wildcert")]);
            fields.extend(cx.config.get("AWS_EXTERNAL_ID").map(|id| ("ExternalId", id)));
            let request = cx.request("POST", &self.sts).header("accept", "*/*").form(&fields);
            let sign = |request: &mut _, now| sigv4::sign(request, now, &own, self.region, "sts");
            let answer = ask(request.signed(sign).repeatable())?;
            let part = |name| answer.require(&format!("AssumeRoleResult/Credentials/{name}"));
            let parts = [part("AccessKeyId")?, part("SecretAccessKey")?, part("SessionToken")?];
            Ok(Token { value: parts.join(" "), lifetime: Duration::from_secs(3600) })
        })?;
        let mut parts = kept.split(' ').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        Ok(Credentials { access_key: part(), secret_key: part(), session_token: Some(part()) })
    }
}

fn change(action: &str, owner: &str, ttl: u32, data: &[String]) -> Element {
    let record = |data| Element::new("ResourceRecord").child(Element::leaf("Value", data));
    let records =
        data.iter().map(|data| record(data)).fold(Element::new("ResourceRecords"), Element::child);
    let set = Element::new("ResourceRecordSet")
        .child(Element::leaf("Name", owner))
        .child(Element::leaf("Type", "TXT"))
        .child(Element::leaf("TTL", &ttl.to_string()))
        .child(records);
    Element::new("Change").child(Element::leaf("Action", action)).child(set)
}

fn ask(request: RequestBuilder<'_>) -> Result<Element> {
    let answer = request.send()?;
    let refusal = Element::parse(&answer.body).unwrap_or_default();
    let [code, words] =
        ["Error/Code", "Error/Message"].map(|path| refusal.text_at(path).unwrap_or_default());
    let message = (!code.is_empty()).then(|| format!("{code}: {words}"));
    let error = match answer.success(|_| message) {
        Ok(answer) => return answer.xml(),
        Err(error) => error,
    };
    // What was to be deleted is no longer so, or what was to be created is there.
    let overtaken = ["not found", "do not match the current values", "already exists"];
    Err(match code {
        "InvalidChangeBatch" if overtaken.iter().any(|part| words.contains(part)) => {
            error.into_conflict()
        }
        "PriorRequestNotComplete" => error.into_conflict(),
        "Throttling" | "ThrottlingException" => error.with_kind(ErrorKind::RateLimited),
        "ExpiredToken" | "RequestExpired" => error.with_kind(ErrorKind::Auth),
        "NoSuchHostedZone" => error.with_kind(ErrorKind::ZoneNotFound),
        _ => error,
    })
}

#[cfg(test)]
mod tests;
