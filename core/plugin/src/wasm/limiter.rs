//! What a guest may take: memory and tables by count, time by ticks in which it ran.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use super::engine::TICK;
use crate::{failure::Failure, limits};

/// The most core instances, memories and tables: some languages link dozens of modules.
pub(super) const PARTS: usize = 256;

/// The budget of one call.
pub(super) struct Limiter {
    memory_limit: usize,
    memory: usize,
    tables: usize,
    cpu: Duration,
    ticks_left: u32,
}

impl Limiter {
    pub(super) fn new(memory: usize, cpu: Duration) -> Self {
        let ticks = cpu.as_millis().div_ceil(TICK.as_millis());
        let ticks_left = u32::try_from(ticks).unwrap_or(u32::MAX);
        Self { memory_limit: memory, memory: 0, tables: 0, cpu, ticks_left }
    }

    /// The guest met a tick while it ran.
    ///
    /// # Errors
    /// When its budget is used up.
    pub(super) fn tick(&mut self) -> Result<(), Failure> {
        self.ticks_left = self.ticks_left.checked_sub(1).ok_or(Failure::Cpu(self.cpu))?;
        Ok(())
    }

    /// The guest waited for a service: the tick that it meets on its return was not its own.
    pub(super) fn waited(&mut self, time: Duration) {
        if time >= TICK {
            self.ticks_left = self.ticks_left.saturating_add(1);
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > self.memory_limit {
            return Err(wasmtime::Error::new(Failure::Memory(self.memory_limit)));
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.tables.saturating_add(desired.saturating_sub(current));
        if total > limits::TABLES {
            return Err(wasmtime::Error::new(Failure::Table(limits::TABLES)));
        }
        self.tables = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}
