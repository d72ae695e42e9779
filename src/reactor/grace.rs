//! Time that the loop lost: the process was stopped, or a handler held it up. Peers could not be heard meanwhile, so none of them
//! is late for it.

use std::time::Duration;

use super::app::App;
use super::drive::Core;
use super::platform::Platform;

/// A turn that begins later than this was held up.
const LATE: Duration = Duration::from_secs(1);
/// The most that peers are given for it, however long it was.
const GRACE_MAX: Duration = Duration::from_secs(30);

impl<P: Platform, A: App> Core<P, A> {
    /// The turn begins so much later than it should: as much time as was lost, nobody is timed out.
    #[inline]
    pub(super) fn forgive(&mut self, late: Duration) {
        if late >= LATE {
            tracing::warn!(?late, "the loop was held up: time-outs wait for as long");
            self.grace = Some(self.now + late.min(GRACE_MAX));
        } else if self.grace.is_some_and(|until| until <= self.now) {
            self.grace = None;
        }
    }
}
