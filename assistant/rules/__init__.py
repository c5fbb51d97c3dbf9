"""Rules: pure functions from looked-up records to findings. No store, no clock, no model."""
