//! End to end, faults, speed: helpers that own every server they start.
