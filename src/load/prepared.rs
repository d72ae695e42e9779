//! The calls of one thread, made ready: encoded where they can be, and with the answers that were seen to be right.

use std::borrow::Cow;
use std::sync::Arc;

use crate::rpc::{Failure, Requester};
use crate::transport::Limits;
use crate::wire::{Codec, Output};

use super::arguments::{Arguments, Want};
use super::plan::Dial;
use super::rng::Rng;
use super::stamp::{FIRST, Stamp, Stamped};
use super::workload::{Call, Make, Pick, Variants};

/// Answers are compared with those seen before up to this size.
const REPLY_MAX: usize = 256 * 1024;
/// So often an answer may turn out to be none that the next one equals.
const ATTEMPTS: u8 = 3;

/// The calls of one thread.
#[derive(Debug)]
pub(super) struct Calls {
    kinds: Vec<Kind>,
    weights: u64,
    rng: Rng,
    /// Whether requests can be encoded in advance: the transport puts nothing of its own around them that changes.
    pub(super) stamped: bool,
}

#[derive(Debug)]
struct Kind {
    method: Cow<'static, str>,
    oneway: bool,
    weight: u64,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Prepared {
        all: Arc<[(Arguments, Want)]>,
        ready: Vec<Ready>,
        pick: Pick,
        next: usize,
    },
    /// Whether what is made can have its number from outside, as prepared calls have.
    Made {
        make: Arc<dyn Make>,
        want: Want,
        stamps: bool,
    },
}

/// One call in its encoded form.
#[derive(Debug)]
struct Ready {
    request: Option<Stamped>,
    /// What was answered rightly before, to the byte.
    reply: Option<Stamped>,
    attempts: u8,
}

/// Which call: its kind, and its number among those of the kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Which {
    pub(super) kind: u32,
    variant: u32,
}

impl Calls {
    /// Encodes what can be encoded.
    pub(super) fn new(calls: &[Call], dial: &Dial, limits: &Limits, rng: Rng) -> Result<Self, String> {
        let kinds = calls.iter().map(|call| Kind::new(call, dial, limits, rng.clone())).collect::<Result<Vec<_>, _>>()?;
        let weights = kinds.iter().map(|kind| kind.weight).sum::<u64>().max(1);
        let ready = |kind: &Kind| match &kind.source {
            Source::Prepared { ready, .. } => ready.iter().all(|ready| ready.request.is_some()),
            Source::Made { stamps, .. } => *stamps,
        };
        let stamped = kinds.iter().all(ready);
        Ok(Self { kinds, weights, rng, stamped })
    }

    /// The next call.
    #[inline]
    pub(super) fn choose(&mut self) -> Which {
        let kind = if self.kinds.len() == 1 { 0 } else { self.choose_kind() };
        let variant = match &mut self.kinds[kind].source {
            Source::Prepared { all, pick, next, .. } => match pick {
                Pick::Sequence => {
                    *next = if *next + 1 < all.len() { *next + 1 } else { 0 };
                    *next
                }
                Pick::Uniform => self.rng.below(all.len() as u64) as usize,
                Pick::Zipf(zipf) => zipf.sample(&mut self.rng) as usize - 1,
            },
            Source::Made { .. } => 0,
        };
        Which { kind: kind as u32, variant: variant as u32 }
    }

    fn choose_kind(&mut self) -> usize {
        let mut at = self.rng.below(self.weights);
        for (index, kind) in self.kinds.iter().enumerate() {
            match at.checked_sub(kind.weight) {
                Some(rest) => at = rest,
                None => return index,
            }
        }
        0
    }

    /// The method's name.
    pub(super) fn method(&self, which: Which) -> Cow<'static, str> {
        self.kinds[which.kind as usize].method.clone()
    }

    #[inline]
    pub(super) fn is_oneway(&self, which: Which) -> bool {
        self.kinds[which.kind as usize].oneway
    }

    /// The encoded request, where there is one.
    #[inline]
    pub(super) fn request(&self, which: Which) -> Option<&Stamped> {
        match &self.kinds[which.kind as usize].source {
            Source::Prepared { ready, .. } => ready[which.variant as usize].request.as_ref(),
            Source::Made { .. } => None,
        }
    }

    /// Encodes a request anew.
    pub(super) fn encode(
        &mut self,
        which: Which,
        requester: &mut Requester,
        out: &mut Output,
        limits: &Limits,
    ) -> Result<i32, String> {
        let kind = &self.kinds[which.kind as usize];
        let encoded = match &kind.source {
            Source::Prepared { all, .. } => kind.encode(&all[which.variant as usize].0, requester, out, limits),
            Source::Made { make, .. } => kind.encode(&make.make(&mut self.rng)?, requester, out, limits),
        };
        encoded.map_err(|failure| failure.to_string())
    }

    /// What the answer must be.
    pub(super) fn want(&self, which: Which) -> &Want {
        match &self.kinds[which.kind as usize].source {
            Source::Prepared { all, .. } => &all[which.variant as usize].1,
            Source::Made { want, .. } => want,
        }
    }

    /// An answer that was right before.
    #[inline]
    pub(super) fn reply(&mut self, which: Which) -> Option<&mut Stamped> {
        match &mut self.kinds[which.kind as usize].source {
            Source::Prepared { ready, .. } => ready[which.variant as usize].reply.as_mut(),
            Source::Made { .. } => None,
        }
    }

    /// Whether the next answer to this call is worth a copy.
    pub(super) fn learns(&self, which: Which, length: usize) -> bool {
        match &self.kinds[which.kind as usize].source {
            Source::Prepared { ready, .. } => ready[which.variant as usize].attempts < ATTEMPTS && length <= REPLY_MAX,
            Source::Made { .. } => false,
        }
    }

    /// That answer was right.
    pub(super) fn learn(&mut self, which: Which, codec: Codec, bytes: &[u8], seqid: i32) {
        if let Source::Prepared { ready, .. } = &mut self.kinds[which.kind as usize].source {
            let ready = &mut ready[which.variant as usize];
            ready.attempts += 1;
            ready.reply = Stamped::learn(codec, bytes, seqid);
        }
    }
}

impl Kind {
    fn new(call: &Call, dial: &Dial, limits: &Limits, rng: Rng) -> Result<Self, String> {
        let source = match &call.variants {
            Variants::Made(make, want) => Source::Made { make: Arc::clone(make), want: want.clone(), stamps: false },
            Variants::Prepared(all, pick) => {
                Source::Prepared { all: Arc::clone(all), ready: Vec::new(), pick: pick.clone(), next: 0 }
            }
        };
        let mut kind = Self { method: call.method.clone(), oneway: call.oneway, weight: u64::from(call.weight), source };
        let mut rng = rng;
        if let Variants::Made(make, _) = &call.variants {
            let sample = kind.prepare(&make.sample()?, dial, limits).map_err(|failure| failure.to_string())?;
            if let Source::Made { stamps, .. } = &mut kind.source {
                *stamps = sample.request.is_some();
            }
        }
        if let Variants::Prepared(all, _) = &call.variants {
            let ready = all.iter().map(|(arguments, _)| kind.prepare(arguments, dial, limits)).collect::<Result<_, _>>();
            let ready = ready.map_err(|failure: Failure| failure.to_string())?;
            let start = rng.below(all.len().max(1) as u64) as usize;
            if let Source::Prepared { ready: place, next, .. } = &mut kind.source {
                (*place, *next) = (ready, start);
            }
        }
        Ok(kind)
    }

    fn prepare(&self, arguments: &Arguments, dial: &Dial, limits: &Limits) -> Result<Ready, Failure> {
        self.message(arguments, dial, limits, FIRST)?;
        let codec = dial.requester().codec();
        let request = Stamped::find(codec, |seqid| self.message(arguments, dial, limits, seqid).ok());
        let request = request.filter(|stamped| self.is_free_of_history(stamped, arguments, dial, limits));
        Ok(Ready { request, reply: None, attempts: 0 })
    }

    /// Whether a second request on a connection looks like the first one.
    fn is_free_of_history(&self, stamped: &Stamped, arguments: &Arguments, dial: &Dial, limits: &Limits) -> bool {
        let (mut out, mut copy) = (Output::new(), Output::new());
        let mut requester = dial.requester().numbered_from(FIRST);
        for seqid in [FIRST, FIRST + 1] {
            if self.encode(arguments, &mut requester, &mut out, limits).is_err() {
                return false;
            }
            stamped.push(Stamp::new(requester.codec(), seqid), &mut copy);
        }
        out.to_vec() == copy.to_vec()
    }

    fn message(&self, arguments: &Arguments, dial: &Dial, limits: &Limits, seqid: i32) -> Result<Vec<u8>, Failure> {
        let mut out = Output::new();
        self.encode(arguments, &mut dial.requester().numbered_from(seqid), &mut out, limits)?;
        Ok(out.to_vec())
    }

    fn encode(
        &self,
        arguments: &Arguments,
        requester: &mut Requester,
        out: &mut Output,
        limits: &Limits,
    ) -> Result<i32, Failure> {
        let method = self.method.clone();
        if self.oneway { requester.send(method, arguments, out, limits) } else { requester.call(method, arguments, out, limits) }
    }
}
