//! Tokens to a tree of one file.
//!
//! Recursive descent with one token of look-ahead and a little more where a keyword may be a name. A mistake is reported
//! once, then the parser skips to where the next member or declaration seems to begin; the children of this module hold one
//! part of the grammar each, this file holds the cursor they share and how it recovers.

mod constants;
mod cursor;
mod definitions;
mod headers;
mod services;
mod types;

pub(super) use self::cursor::parse;
