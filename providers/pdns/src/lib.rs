//! PowerDNS.
use wildcert_plugin_sdk::{Context, Result, Rrset, RrsetApi, Rrsets, export_provider};
struct P;
impl RrsetApi for P {
    type Zone = String;
    fn new(_: &Context<'_>) -> Result<Self> { Ok(Self) }
    fn zones(&self, cx: &Context<'_>) -> Result<Vec<String>> { let _ = cx.request("GET", cx.config.require("PDNS_API_URL")?).send()?; Ok(vec![]) }
    fn zone(&self, _: &Context<'_>, name: &str) -> Result<String> { Ok(name.to_owned()) }
    fn read(&self, _: &Context<'_>, _: &String, _: &str) -> Result<Option<Rrset>> { Ok(None) }
    fn write(&self, _: &Context<'_>, _: &String, _: &str, _: &Rrset) -> Result<()> { Ok(()) }
}
export_provider!(Rrsets<P>);
