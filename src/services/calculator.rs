//! `Calculator`: adds.

use crate::generated::calculator::Calculator;
use crate::rpc::ApplicationException;

/// Adds, and says so where a sum does not fit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arithmetic;

impl Calculator for Arithmetic {
    fn add(&self, num1: i32, num2: i32) -> Result<i32, ApplicationException> {
        num1.checked_add(num2)
            .ok_or_else(|| ApplicationException::internal(format!("the sum of {num1} and {num2} does not fit in an i32")))
    }
}
