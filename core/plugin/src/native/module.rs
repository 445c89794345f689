//! Loading native modules and calling them.
#![expect(unsafe_code, reason = "foreign code; every block says why it is sound")]

use std::{path::Path, thread};

use async_trait::async_trait;
use libloading::Library;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{runtime::Handle, sync::oneshot};
use wildcert_plugin_sdk::{
    Error as Answer, Options, Removal, TxtRecord,
    abi::{
        json,
        native::octets,
        table::{Entry, Lent, Operation, ProviderTable, SYMBOL, TABLE_ABI},
    },
};

use super::services::Context;
use crate::{
    artifact::Artifact,
    error::Error,
    failure::Failure,
    limits,
    loaded::{Module, Outcome},
    services::Call,
};

/// A library that stays loaded until the process ends.
pub(crate) struct NativeModule {
    table: &'static ProviderTable,
}

/// Loads the library, once and for good: code and statics of it may be in use until the process
/// ends, so it is never unloaded.
///
/// # Errors
/// When the system cannot load it, or it does not offer the table of this contract.
pub(crate) async fn load(artifact: &Artifact) -> Result<NativeModule, Error> {
    let path = artifact.path.clone();
    // Code of the library runs while it is loaded.
    let loading = tokio::task::spawn_blocking(move || {
        let table = open(&path).map_err(|reason| Error::Library { path, reason })?;
        Ok(NativeModule { table })
    });
    loading.await.map_err(|error| Error::Library {
        path: artifact.path.clone(),
        reason: format!("it did not load: {error}"),
    })?
}

fn open(path: &Path) -> Result<&'static ProviderTable, String> {
    // SAFETY: running a native module is what the user asked for and approved; nothing more can be
    // known of its code. The path is absolute, so that no other folder is searched.
    let library = unsafe { Library::new(path) }.map_err(|error| error.to_string())?;
    // SAFETY: the symbol is of this type by the contract, whose version is part of its name.
    let entry = unsafe { library.get::<Entry>(SYMBOL) }.map(|symbol| *symbol);
    let entry = entry.map_err(|error| error.to_string())?;
    // The library stays: `entry` and the table are part of it.
    std::mem::forget(library);
    // SAFETY: the function takes nothing and gives a pointer, by the contract.
    let table = unsafe { entry() };
    if table.is_null() || !table.is_aligned() {
        return Err(format!("`{SYMBOL}` gives no table"));
    }
    // SAFETY: the pointer is not null; these two fields stand first in every version of the table.
    let (size, abi) = unsafe { ((*table).size, (*table).abi) };
    if abi != TABLE_ABI || (size as usize) < size_of::<ProviderTable>() {
        return Err(format!(
            "its table is of version {abi} with {size} octets, not of version {TABLE_ABI} with {}",
            size_of::<ProviderTable>()
        ));
    }
    // SAFETY: version and size are those of this type, the library is never unloaded, and by the
    // contract the table lives as long as the library and is never written.
    Ok(unsafe { &*table })
}

impl NativeModule {
    /// A module whose table is part of this program.
    #[cfg(test)]
    pub(super) fn of(table: &'static ProviderTable) -> Self {
        Self { table }
    }

    /// Calls `operation` on a thread of its own: nothing can end it when it hangs, and a thread of
    /// the runtime's pool would then keep the process from ending.
    async fn call<I, O>(&self, operation: Operation, call: Call, input: I) -> Outcome<O>
    where
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        let broken = |reason: String| Failure::Broken(reason);
        let input = serde_json::to_vec(&input).map_err(|error| broken(error.to_string()))?;
        let table = self.table;
        let context = Context { call, runtime: Handle::current() };
        let (sender, receiver) = oneshot::channel();
        let run = move || {
            let outcome = enter(table, operation, &context, &input);
            // The zones of the call are free before anybody hears of its end.
            drop(context);
            // Nobody listens when the call was given up.
            let _ = sender.send(outcome);
        };
        let spawned = thread::Builder::new().name("native provider".to_owned()).spawn(run);
        spawned.map_err(|error| broken(format!("no thread to run it: {error}")))?;
        receiver.await.unwrap_or_else(|_| Err(broken("its thread ended".to_owned())))
    }
}

fn enter<O: DeserializeOwned>(
    table: &ProviderTable,
    operation: Operation,
    context: &Context,
    input: &[u8],
) -> Outcome<O> {
    let services = context.table();
    // SAFETY: the operation is of the module's table; services, context and input outlive the call.
    let given = unsafe { operation(&services, Lent::new(input)) };
    if given.ptr.is_null() {
        return Err(Failure::Broken("nothing at all".to_owned()));
    }
    let answer = if given.len > limits::HANDED_OVER {
        Err(Failure::TooLarge(limits::HANDED_OVER))
    } else {
        // SAFETY: by the contract the module gave `len` readable octets, freed only below.
        let bytes = unsafe { octets(Lent { ptr: given.ptr, len: given.len }) };
        serde_json::from_slice(bytes).map_err(|error| Failure::Broken(error.to_string()))
    };
    // SAFETY: what the module gave goes back to the same module, once.
    unsafe { (table.free)(given) };
    answer
}

#[async_trait]
impl Module for NativeModule {
    fn ends_when_dropped(&self) -> bool {
        false
    }

    async fn check(&self, call: Call, config: Options) -> Outcome<Vec<String>> {
        self.call(self.table.check, call, json::Check { config }).await
    }

    async fn present(
        &self,
        call: Call,
        config: Options,
        records: Vec<TxtRecord>,
    ) -> Outcome<Vec<Result<Option<String>, Answer>>> {
        self.call(self.table.present, call, json::Present { config, records }).await
    }

    async fn remove(
        &self,
        call: Call,
        config: Options,
        removals: Vec<Removal>,
    ) -> Outcome<Vec<Result<(), Answer>>> {
        self.call(self.table.remove, call, json::Remove { config, removals }).await
    }
}
