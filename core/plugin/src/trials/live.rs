//! A provider before its real vendor.

use std::{cell::RefCell, sync::Arc};

use tokio::runtime::Handle;
use wildcert_plugin_sdk::{
    Error, Removal, TxtRecord,
    testing::conformance::{Bench, Settings, Vendor},
};

use super::answer;
use crate::provider::DnsProvider;

/// What stands at an owner name, once it is what was expected or patience has ended.
type LookUp = dyn Fn(&str, &[String]) -> Result<Vec<String>, String>;

/// The bench of a loaded provider before its real vendor.
pub struct LiveBench {
    provider: Arc<dyn DnsProvider>,
    runtime: Handle,
    look_up: Box<LookUp>,
    /// What was presented and not removed.
    outstanding: RefCell<Vec<Removal>>,
}

impl LiveBench {
    /// `provider` is called on `runtime`; `look_up` asks the authoritative servers.
    pub fn new(
        provider: Arc<dyn DnsProvider>,
        runtime: Handle,
        look_up: impl Fn(&str, &[String]) -> Result<Vec<String>, String> + 'static,
    ) -> Self {
        Self { provider, runtime, look_up: Box::new(look_up), outstanding: RefCell::default() }
    }

    /// Removes what failed trials have left; gives what is still there and why.
    pub fn clean_up(&self) -> Vec<(Removal, String)> {
        let left = self.outstanding.take();
        let results = self.runtime.block_on(self.provider.remove(left.clone()));
        let failed = left.into_iter().zip(results);
        failed.filter_map(|(removal, result)| Some((removal, result.err()?.to_string()))).collect()
    }
}

/// The settings are those that the provider was loaded with.
impl Bench for LiveBench {
    fn check(&self, _: &Settings) -> Result<Vec<String>, Error> {
        self.runtime.block_on(self.provider.check()).map_err(answer)
    }

    fn present(&self, _: &Settings, records: &[TxtRecord]) -> Vec<Result<Option<String>, Error>> {
        let results = self.runtime.block_on(self.provider.present(records.to_vec()));
        // A record whose presenting failed may be there all the same, unless the kind rules it out.
        for (record, result) in records.iter().zip(&results) {
            if !result.as_ref().is_err_and(|error| error.kind().rules_out_a_change()) {
                let handle = result.as_ref().ok().cloned().flatten();
                self.outstanding.borrow_mut().push(Removal { record: record.clone(), handle });
            }
        }
        results.into_iter().map(|result| result.map_err(answer)).collect()
    }

    fn remove(&self, _: &Settings, removals: &[Removal]) -> Vec<Result<(), Error>> {
        let results = self.runtime.block_on(self.provider.remove(removals.to_vec()));
        for (removal, _) in removals.iter().zip(&results).filter(|(_, result)| result.is_ok()) {
            self.outstanding.borrow_mut().retain(|left| left.record != removal.record);
        }
        results.into_iter().map(|result| result.map_err(answer)).collect()
    }

    fn values(&self, owner: &str, expected: &[String]) -> Result<Vec<String>, String> {
        (self.look_up)(owner, expected)
    }

    fn vendor(&self) -> Option<&dyn Vendor> {
        None
    }
}
