//! The chapter about native modules: their tables, and the JSON of each operation.

use std::mem::offset_of;

use wildcert_plugin_sdk::{
    Error, ErrorKind, Removal, Request, Response, TxtRecord,
    abi::{
        bytes::Octets,
        json as messages,
        table::{Given, HostTable, Lent, ProviderTable, SYMBOL, TABLE_ABI},
    },
};

use super::put;

const HEAD: &str = "\
## Native modules

A native module is a library with one symbol, `SYMBOL`, a function without arguments that gives
the module's table. Each operation takes the host's table and JSON, and gives JSON; the services in the
host's table take the host's `context` and JSON. Tables are append-only, and `size` tells how much of one
its maker knew; `abi` is ABI_NUMBER. Every text is UTF-8.

Whoever calls lends octets for the time of the call. What comes back was allocated by whoever was called,
and goes back to `free` of the same table. An operation neither unwinds nor ends the process: it answers
with an error. The host's table and its `context` are good until the operation returns.

The offsets are those of 64-bit platforms.

```c";

const MESSAGES: &str = "\
In JSON a record is an object with the fields above, `_` for `-`; an error has no options, and a removal
names its two parts. What may fail is `{\"Ok\": …}` or `{\"Err\": …}`. Octets are base64. What each function
takes and gives:

```text
";

/// A field: its declaration in C, its place, and what it is.
type Field = (&'static str, usize, &'static str);

macro_rules! fields {
    ($table:ty { $($name:ident: $declaration:literal, $about:literal;)+ }) => {
        [$(($declaration, offset_of!($table, $name), $about)),+]
    };
}

macro_rules! text {
    ($message:expr) => {
        serde_json::to_string(&$message).expect("the contract's records are JSON")
    };
}

pub(super) fn chapter() -> String {
    let mut page = String::new();
    let abi = TABLE_ABI.to_string();
    put(&mut page, &HEAD.replace("SYMBOL", SYMBOL).replace("ABI_NUMBER", &abi));
    declare::<Lent>(
        &mut page,
        "lent",
        &fields!(Lent {
            ptr: "const uint8_t *ptr", "not null, even when len is 0";
            len: "size_t len", "octets";
        }),
    );
    declare::<Given>(
        &mut page,
        "given",
        &fields!(Given {
            ptr: "uint8_t *ptr", "null is a broken answer";
            len: "size_t len", "octets";
            capacity: "size_t capacity", "octets that were allocated";
        }),
    );
    put(&mut page, "struct host_table;");
    put(
        &mut page,
        "typedef struct given operation(const struct host_table *host, struct lent input);",
    );
    put(&mut page, "typedef struct given service(const void *context, struct lent input);\n");
    declare::<ProviderTable>(
        &mut page,
        "provider_table",
        &fields!(ProviderTable {
            size: "uint32_t size", "octets of this table";
            abi: "uint32_t abi", "";
            manifest: "struct lent manifest", "provider.toml, while the module is loaded";
            check: "operation *check", "";
            present: "operation *present", "";
            remove: "operation *remove", "";
            free: "void (*free)(struct given)", "takes back what an operation gave";
        }),
    );
    declare::<HostTable>(
        &mut page,
        "host_table",
        &fields!(HostTable {
            size: "uint32_t size", "octets of this table";
            abi: "uint32_t abi", "";
            context: "const void *context", "for every service";
            send: "service *send", "";
            exchange: "service *exchange", "";
            now: "service *now", "";
            sleep: "service *sleep", "";
            random: "service *random", "";
            log: "service *log", "";
            cache_get: "service *cache_get", "";
            cache_put: "service *cache_put", "";
            free: "void (*free)(struct given)", "takes back what a service gave";
        }),
    );
    put(&mut page, &format!("const struct provider_table *{SYMBOL}(void);\n```\n"));
    page.push_str(MESSAGES);
    for (name, takes, gives) in examples() {
        put(&mut page, &format!("{name:<10}{takes}\n        → {gives}"));
    }
    put(&mut page, &format!("```\n\nAn error:\n\n```json\n{}\n```", refusal()));
    page
}

fn declare<Table>(page: &mut String, name: &str, fields: &[Field]) {
    let (_, last, _) = fields[fields.len() - 1];
    assert_eq!(last + size_of::<usize>(), size_of::<Table>(), "`{name}` has more fields");
    put(page, &format!("struct {name} {{ // {} octets", size_of::<Table>()));
    for (declaration, offset, about) in fields {
        let line = format!("    {:<36}// {offset:>2}  {about}", format!("{declaration};"));
        put(page, line.trim_end());
    }
    put(page, "};\n");
}

fn examples() -> Vec<(&'static str, String, String)> {
    let config = vec![("EXAMPLE_TOKEN".to_owned(), "t0ken".to_owned())];
    let record = TxtRecord {
        zone: "example.com.".to_owned(),
        owner: "_acme-challenge.example.com.".to_owned(),
        value: "gfj9Xq-Rg85".to_owned(),
        ttl: 120,
        options: Vec::new(),
    };
    let handle = Some("17".to_owned());
    let removal = Removal { record: record.clone(), handle: handle.clone() };
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let request = Request {
        method: "GET".to_owned(),
        url: "https://api.dns.example/zones".to_owned(),
        headers: header("authorization", "Bearer t0ken"),
        body: Vec::new(),
        options: Vec::new(),
    };
    let response = Response {
        status: 200,
        headers: header("content-type", "application/json"),
        body: b"[]".to_vec(),
        options: Vec::new(),
    };
    let exchange =
        messages::Exchange { server: "192.0.2.1:53".to_owned(), message: Octets(vec![0x1d, 0x0c]) };
    let log = messages::Log { level: "info".to_owned(), message: "no zone yet".to_owned() };
    let (key, value) = ("session".to_owned(), "s3ssion".to_owned());
    let put = messages::CachePut { key: key.clone(), value: value.clone(), ttl_ms: 900_000 };
    let set = messages::Present { config: config.clone(), records: vec![record] };
    let gone = messages::Remove { config: config.clone(), removals: vec![removal] };
    let none = "null".to_owned();
    vec![
        ("check", text!(messages::Check { config }), text!(fine(["example.com."]))),
        ("present", text!(set), text!(fine([fine(handle)]))),
        ("remove", text!(gone), text!(fine([fine(())]))),
        ("send", text!(request), text!(fine(response))),
        ("exchange", text!(exchange), text!(fine(Octets(vec![0x1d, 0x0c])))),
        ("now", none.clone(), text!(1_795_996_800_000_u64)),
        ("sleep", text!(250_u32), none.clone()),
        ("random", text!(3_u32), text!(Octets(vec![7, 200, 31]))),
        ("log", text!(log), none.clone()),
        ("cache_get", text!(key), text!(Some(value))),
        ("cache_put", text!(put), none),
    ]
}

fn refusal() -> String {
    let mut error = Error::new(ErrorKind::RateLimited, "failed to list the zones: slow down");
    (error.status, error.retry_after_ms) = (Some(429), Some(30_000));
    serde_json::to_string_pretty(&Err::<(), _>(error)).expect("an error is JSON")
}

fn fine<T>(value: T) -> Result<T, Error> {
    Ok(value)
}
