//! Exports in: bytes of many formats become one federation.
//!
//! A reader sees one [`Block`](blocks::Block) of whole records at a time and puts what it finds into a
//! [`Batch`](batch::Batch); blocks of one file are read in parallel and their batches taken up in
//! order by the collector, which joins identities at the end.

pub mod aws;
pub mod batch;
pub mod blocks;
pub mod code;
pub mod collect;
pub mod decode;
mod defects;
pub mod directory;
pub mod dn;
pub mod edit;
pub mod excerpt;
pub mod focus;
pub mod input;
pub mod json;
pub mod keys;
pub mod limits;
pub mod load;
pub mod okta;
pub mod plain;
pub mod policy_text;
pub mod saml_capture;
pub mod saml_metadata;
mod stretches;
mod words;
