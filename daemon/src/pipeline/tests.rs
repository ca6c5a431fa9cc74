//! The pipeline over a real store.

mod put_off;
