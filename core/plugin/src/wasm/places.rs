//! Where guests run: memory, tables and stacks that are kept from call to call.

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{Enabled, PoolingAllocationConfig, component::Component};

use super::limiter::PARTS;
use crate::limits;

/// The most guests that run at the same time; others wait for their turn.
pub(super) const PLACES: u32 = 32;

/// The tables of one place; a component that has more takes several places.
const TABLES: u32 = 4;

/// The most octets of descriptions of a component's functions and of its other parts.
const DESCRIPTIONS: usize = 16 << 20;

/// How much of a guest's memory and of each table is emptied by writing zeros. The system empties the
/// rest by taking its pages away, which a next guest then has to get anew.
const REFILLED: usize = 1 << 20;

/// Counts the places that are free.
pub(super) struct Places(Semaphore);

impl Places {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(PLACES as usize))
    }

    /// Waits until `count` places are free; they are taken for as long as the result lives.
    pub(super) async fn take(&self, count: u32) -> Option<SemaphorePermit<'_>> {
        self.0.acquire_many(count).await.ok()
    }
}

/// How many places an instance of `component` takes.
pub(super) fn needed(component: &Component) -> u32 {
    let needs = component.resources_required();
    let places = needs.map(|needs| needs.num_memories.max(needs.num_tables.div_ceil(TABLES)));
    places.unwrap_or_default().clamp(1, PLACES)
}

/// Memory, tables and stacks for all places. wasmtime empties them after each call; what a single call
/// may have of them is the limiter's to say.
pub(super) fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(PLACES)
        .total_core_instances(PLACES * PARTS as u32)
        .total_memories(PLACES)
        .total_tables(PLACES * TABLES)
        .total_stacks(PLACES)
        .max_memories_per_component(PLACES)
        .max_tables_per_component(PLACES * TABLES)
        .max_memories_per_module(PLACES)
        .max_tables_per_module(PLACES * TABLES)
        .max_core_instance_size(DESCRIPTIONS)
        .max_component_instance_size(DESCRIPTIONS)
        .table_elements(limits::TABLES)
        .linear_memory_keep_resident(REFILLED)
        .table_keep_resident(REFILLED)
        .pagemap_scan(Enabled::Auto);
    pool
}
