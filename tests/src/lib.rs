//! Shared pieces of the workspace-level tests.
