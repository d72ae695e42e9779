//! How much deeper a writer may nest. Reading counts its depth in the input.

/// Levels that are left before the limit.
#[derive(Debug)]
pub(super) struct DepthLeft(usize);

impl DepthLeft {
    #[inline]
    pub(super) fn new(depth_max: usize) -> Self {
        Self(depth_max)
    }

    /// Goes one struct or container deeper, or says that there is no room.
    #[inline]
    #[must_use]
    pub(super) fn enter(&mut self) -> bool {
        match self.0.checked_sub(1) {
            Some(left) => self.0 = left,
            None => return false,
        }
        true
    }

    /// Comes back. After a failure the count is of no more use, and nobody asks.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }
}
