//! What the author of a wildcert provider uses.
//!
//! A provider turns "these TXT records in this zone" into a vendor's API calls. Everything else is
//! wildcert's: names, zones, propagation, retries, rate limits, clean-up, secrets. One source builds
//! as a WebAssembly component, which the host confines, and as a native library. This page makes one
//! from nothing.
//!
//! # A crate
//!
//! `cargo new --lib example`, and in its Cargo.toml:
//!
//! ```text
//! [lib]
//! crate-type = ["cdylib", "rlib"]
//!
//! [dependencies]
//! serde = { version = "1", features = ["derive"] }
//! wildcert-plugin-sdk = "0.1"
//!
//! [dev-dependencies]
//! serde_json = "1"
//! wildcert-plugin-sdk = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # provider.toml
//!
//! Beside Cargo.toml. It goes into the built module, where wildcert reads it without running
//! anything: `wildcert providers show` prints it, users set what it names, and the host lets the
//! module reach nothing else.
//!
//! ```toml
//! id = "example"
//! name = "Example DNS"
//! homepage = "https://dns.example/"
//! api-docs = "https://dns.example/api"
//! abi = "0.1"
//! model = "record"
//! example = "EXAMPLE_TOKEN=… wildcert run -d example.com -d '*.example.com' --dns example"
//! help = "Create a token under *Account → API* with the right to edit DNS records."
//!
//! [reach]
//! http = ["https://api.dns.example"]
//!
//! [limits]
//! concurrency = 4
//! requests-per-second = 10.0
//!
//! [ttl]
//! minimum = 60
//!
//! [[config]]
//! name = "EXAMPLE_TOKEN"
//! secret = true
//! required = true
//! help = "API token"
//!
//! [[config]]
//! name = "EXAMPLE_TTL"
//! role = "ttl"
//! help = "TTL of the records in seconds"
//! ```
//!
//! The host reads `EXAMPLE_TOKEN` from the environment, from the file that `EXAMPLE_TOKEN_FILE` names
//! or from the configuration; the provider gets it from [`Context::config`].
//!
//! # src/lib.rs
//!
//! Where every TXT record is an object with an identifier, implement [`RecordApi`]; where all values
//! of a name are written together, [`RrsetApi`]; where the zone is replaced as a whole, [`ZoneApi`].
//! The SDK keeps the contract for all three: a value that is there is not added again, other people's
//! values stay, what is absent counts as removed. What fits none implements [`Provider`] itself.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wildcert_plugin_sdk::{
//!     Context, Listed, RecordApi, Records, RequestBuilder, Result, TxtRecord, Zone, export_provider,
//!     pages,
//! };
//!
//! const API: &str = "https://api.dns.example/v1";
//!
//! struct Example {
//!     token: String,
//! }
//!
//! #[derive(Deserialize)]
//! struct ZoneEntry {
//!     id: u64,
//!     name: String,
//! }
//!
//! #[derive(Deserialize, Serialize)]
//! struct Record {
//!     #[serde(default, skip_serializing)]
//!     id: u64,
//!     name: String,
//!     text: String,
//!     ttl: u32,
//! }
//!
//! impl RecordApi for Example {
//!     fn new(cx: &Context<'_>) -> Result<Self> {
//!         Ok(Self { token: cx.config.require("EXAMPLE_TOKEN")?.to_owned() })
//!     }
//!
//!     fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
//!         pages::all(format!("{API}/zones"), |url| {
//!             let answer = self.request(cx, "GET", url).send()?.success(|_| None)?;
//!             let entries: Vec<ZoneEntry> = answer.json()?;
//!             let zone = |entry: &ZoneEntry| Zone::new(entry.id.to_string(), &entry.name);
//!             Ok((entries.iter().map(zone).collect(), pages::next_link(&answer, url)))
//!         })
//!     }
//!
//!     fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
//!         let url = format!("{API}/zones/{}/records", zone.id);
//!         let request = self.request(cx, "GET", &url).query("type", "TXT");
//!         let request = request.query("name", zone.relative(owner));
//!         let records: Vec<Record> = request.send()?.success(|_| None)?.json()?;
//!         let listed = |record: Record| Listed { id: record.id.to_string(), value: record.text };
//!         Ok(records.into_iter().map(listed).collect())
//!     }
//!
//!     fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
//!         let url = format!("{API}/zones/{}/records", zone.id);
//!         let body = Record {
//!             id: 0,
//!             name: zone.relative(&record.owner).to_owned(),
//!             text: record.value.clone(),
//!             ttl: record.ttl,
//!         };
//!         let answer = self.request(cx, "POST", &url).json(&body).send()?.success(|_| None)?;
//!         Ok(answer.json::<Record>()?.id.to_string())
//!     }
//!
//!     fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
//!         let url = format!("{API}/zones/{}/records/{id}", zone.id);
//!         self.request(cx, "DELETE", &url).send()?.success(|_| None).map(drop)
//!     }
//! }
//!
//! impl Example {
//!     fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
//!         cx.request(method, url).bearer(&self.token)
//!     }
//! }
//!
//! # #[cfg(any())] // A documentation test has no provider.toml of its own.
//! export_provider!(Records<Example>);
//! # use wildcert_plugin_sdk::{Provider, testing::{Exchange, FakeHost, record}};
//! # let host = FakeHost::new([
//! #     Exchange::new("GET", "https://api.dns.example/v1/zones")
//! #         .header("authorization", "Bearer t")
//! #         .answer(200, r#"[{"id": 5, "name": "example.com"}]"#),
//! #     Exchange::new(
//! #         "GET",
//! #         "https://api.dns.example/v1/zones/5/records?type=TXT&name=_acme-challenge",
//! #     )
//! #     .answer(200, "[]"),
//! #     Exchange::new("POST", "https://api.dns.example/v1/zones/5/records")
//! #         .json(serde_json::json!({"name": "_acme-challenge", "text": "v", "ttl": 120}))
//! #         .answer(201, r#"{"id": 6, "name": "_acme-challenge", "text": "v", "ttl": 120}"#),
//! # ]);
//! # host.call(&[("EXAMPLE_TOKEN", "t")], |cx| {
//! #     let records = [record("_acme-challenge.example.com.", "v")];
//! #     let results = Records::<Example>::new(cx).unwrap().present(cx, &records);
//! #     assert_eq!(results, [Ok(Some("6".to_owned()))]);
//! # });
//! # host.finish();
//! ```
//!
//! Any HTTP status is an answer; [`Response::success`] turns one that is not 2xx into the right
//! [`Error`], and its argument finds the vendor's own words in the body, as
//! `success(|answer| answer.text_at("/message"))` does.
//!
//! # What else there is
//!
//! | for | see |
//! |---|---|
//! | zones that are looked up by name, or taken as wildcert found them | [`mod@zones`] |
//! | listings in pages: by number, offset, cursor, link | [`pages`] |
//! | vendors that take many records in one request, or want to be told to publish | [`RecordApi`] |
//! | optimistic locking: what was read has changed when it is written | [`Error::conflict`] |
//! | changes that take effect later | [`Context::wait_until`] |
//! | bodies in XML, XML-RPC and SOAP | [`xml`], [`xmlrpc`], [`soap`] |
//! | a POST that may be sent twice | [`RequestBuilder::repeatable`] |
//! | signed requests | [`RequestBuilder::signed`] with [`mod@hash`] and [`date`]; [`sigv4`], [`aliyun`] |
//! | access tokens of OAuth 2.0; service accounts | [`oauth2`]; `jwt`, with the feature `rs256` |
//! | programs of the user's, from a native-only module | `program`, with the feature of that name |
//! | log-ins that last, one-time passwords | [`session`], [`totp`] |
//!
//! # Test it
//!
//! With the feature `testing` there is a host that follows a script, `testing::FakeHost`. It fails
//! the test for any request beside the script:
//!
//! ```
//! use wildcert_plugin_sdk::testing::{Exchange, FakeHost};
//!
//! let host = FakeHost::new([Exchange::new("GET", "https://api.dns.example/v1/zones")
//!     .header("authorization", "Bearer t")
//!     .answer(200, "[]")]);
//! host.call(&[("EXAMPLE_TOKEN", "t")], |cx| {
//!     let token = cx.config.require("EXAMPLE_TOKEN").unwrap();
//!     cx.request("GET", "https://api.dns.example/v1/zones").bearer(token).send().unwrap();
//! });
//! host.finish();
//! ```
//!
//! # Build and use it
//!
//! ```text
//! wildcert providers build .
//! wildcert providers show ./example.wasm
//! EXAMPLE_TOKEN=… wildcert providers check ./example.wasm
//! EXAMPLE_TOKEN=… wildcert run -d example.com -d '*.example.com' --dns ./example.wasm
//! ```

pub mod abi;
pub mod aliyun;
pub mod challenge;
pub mod date;
pub mod dns;
pub mod encoding;
mod error;
mod export;
pub mod hash;
mod host;
mod http;
pub mod json;
#[cfg(feature = "rs256")]
pub mod jwt;
#[cfg(feature = "manifest")]
pub mod manifest;
pub mod oauth2;
pub mod pages;
mod per_zone;
#[cfg(all(feature = "program", not(target_arch = "wasm32")))]
pub mod program;
mod provider;
mod punycode;
mod record;
mod records;
mod rrset;
pub mod session;
pub mod sigv4;
pub mod soap;
#[cfg(feature = "testing")]
pub mod testing;
pub mod totp;
pub mod tsig;
mod types;
mod wait;
mod whole_zone;
mod wire;
pub mod xml;
pub mod xmlrpc;
pub mod zones;

pub use error::{Error, ErrorKind, Result, if_found};
pub use host::{Config, Context, Host, Level};
pub use http::{REPEATABLE, RequestBuilder};
pub use provider::Provider;
pub use record::{Listed, RecordApi, in_batches};
pub use records::Records;
pub use rrset::{Rrset, RrsetApi, Rrsets};
pub use types::{Options, Removal, Request, Response, TxtRecord};
pub use wait::Job;
pub use whole_zone::{Contents, ZoneApi, Zones};
pub use zones::Zone;
