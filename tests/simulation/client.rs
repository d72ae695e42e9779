//! A scripted client: what it sends, how it ends, and what it must receive.

use std::time::Duration;

use crate::echo;
use crate::rng::Rng;
use crate::world::Wire;

#[derive(Debug)]
pub(crate) enum Deed {
    Connect,
    Send(Vec<u8>),
    Read(usize),
    End,
    Reset,
    Wait,
}

/// How a client ends its side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// Half-closes when all is sent, reads to the end.
    HalfClose,
    /// Closes when all answers are there.
    Answered,
    /// Half-closes after that many bytes, wherever that is.
    Truncate(usize),
    /// Resets after that many bytes.
    Reset(usize),
}

#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // what it did and what it saw, one by one
pub(crate) struct Client {
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) ending: Ending,
    /// A reader so slow that the loop may lose patience.
    pub(crate) sluggish: bool,
    stream: Vec<u8>,
    sent: usize,
    connected: bool,
    ended: bool,
    /// The last deed was to wait.
    idle: bool,
    received: Vec<u8>,
    answered: usize,
    /// Where in `received` the first incomplete answer begins.
    parsed: usize,
    pub(crate) saw_end: bool,
    pub(crate) saw_reset: bool,
}

impl Client {
    pub(crate) fn draw(rng: &mut Rng, id: usize, room: usize) -> Self {
        let mut bodies = Vec::new();
        for number in 0..rng.up_to(if room < 500 { 10 } else { 40 }) {
            let command = match rng.below(24) {
                12..18 => echo::WORK,
                18 => echo::PANIC,
                19 => echo::FLUSH,
                20..22 => echo::BIG,
                22 if rng.one_in(3) => echo::FINISH,
                23 if rng.one_in(6) => [echo::CLOSE, echo::ABORT][rng.below(2)],
                _ => echo::ECHO,
            };
            bodies.push(body(rng, command, (id, number), room));
            if [echo::FINISH, echo::CLOSE, echo::ABORT].contains(&command) {
                break;
            }
        }
        let stream: Vec<u8> = bodies.iter().flat_map(|body| echo::frame(body)).collect();
        let ending = match rng.below(8) {
            0 => Ending::Reset(rng.below(stream.len() + 1)),
            1 => Ending::Truncate(rng.below(stream.len() + 1)),
            2..5 => Ending::Answered,
            _ => Ending::HalfClose,
        };
        Client {
            bodies,
            ending,
            sluggish: rng.one_in(12),
            stream,
            sent: 0,
            connected: false,
            ended: false,
            idle: false,
            received: Vec::new(),
            answered: 0,
            parsed: 0,
            saw_end: false,
            saw_reset: false,
        }
    }

    pub(crate) fn next_deed(&mut self, rng: &mut Rng, wire: &Wire, room: usize) -> Deed {
        let deed = self.choose(rng, wire, room);
        self.idle = matches!(deed, Deed::Wait);
        deed
    }

    fn choose(&mut self, rng: &mut Rng, wire: &Wire, room: usize) -> Deed {
        if !self.connected {
            self.connected = true;
            return Deed::Connect;
        }
        let readable = !wire.to_client.is_empty() || wire.server_ended || wire.server_reset;
        if readable && !rng.one_in(3) {
            let n = wire.to_client.len();
            return Deed::Read(if rng.one_in(2) { n } else { rng.below(n + 1) });
        }
        let until = match self.ending {
            Ending::Reset(at) | Ending::Truncate(at) => at,
            _ => self.stream.len(),
        };
        if self.sent < until {
            let free = room.saturating_sub(wire.to_server.len());
            let n = if rng.one_in(3) { until - self.sent } else { rng.up_to(until - self.sent) }.min(free);
            if n == 0 {
                return Deed::Wait;
            }
            self.sent += n;
            return Deed::Send(self.stream[self.sent - n..self.sent].to_vec());
        }
        match self.ending {
            Ending::Reset(_) if !self.ended => {
                self.ended = true;
                Deed::Reset
            }
            Ending::HalfClose | Ending::Truncate(_) if !self.ended => {
                self.ended = true;
                Deed::End
            }
            Ending::Answered if !self.ended && self.answered == self.bodies.len() => {
                self.ended = true;
                Deed::End
            }
            _ => Deed::Wait,
        }
    }

    /// When to act next; `None` when the client's life is over.
    pub(crate) fn pause(&mut self, rng: &mut Rng) -> Option<Duration> {
        let over = self.saw_end && (self.ended || self.sent == self.stream.len());
        if over || self.saw_reset || (self.ended && matches!(self.ending, Ending::Reset(_))) {
            self.ended = true;
            return None;
        }
        let most = match self.sluggish && rng.one_in(20) {
            true => 50_000_000,
            false if self.idle => 100_000,
            false => 5_000,
        };
        Some(Duration::from_micros(rng.up_to(most) as u64))
    }

    pub(crate) fn take(&mut self, bytes: &[u8], ended: bool, reset: bool) {
        self.received.extend_from_slice(bytes);
        while let Some((length, tail)) = self.received[self.parsed..].split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*length) as usize;
            if tail.len() < length {
                break;
            }
            self.parsed += 4 + length;
            self.answered += 1;
        }
        self.saw_end |= ended;
        self.saw_reset |= reset;
    }

    /// The complete answers received so far.
    pub(crate) fn answers(&self) -> Vec<&[u8]> {
        let mut answers = Vec::new();
        let mut rest = &self.received[..];
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let Some(body) = tail.get(..u32::from_be_bytes(*length) as usize) else { break };
            answers.push(body);
            rest = &tail[body.len()..];
        }
        answers
    }

    /// Whether `answer` is right for the request of that number.
    pub(crate) fn accepts(&self, number: usize, answer: &[u8]) -> bool {
        let Some(body) = self.bodies.get(number) else { return false };
        match body[0] {
            echo::BIG => {
                answer.len() == u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize && answer.iter().all(|b| *b == b'B')
            }
            echo::WORK => answer == body || answer == echo::SORRY,
            echo::PANIC => answer == echo::SORRY,
            _ => answer == body,
        }
    }

    pub(crate) fn connected(&self) -> bool {
        self.connected
    }
}

/// A body that no other request has.
fn body(rng: &mut Rng, command: u8, (id, number): (usize, usize), room: usize) -> Vec<u8> {
    let mut body = vec![command];
    if command == echo::BIG {
        body.extend_from_slice(&(rng.up_to(room.min(20_000)) as u32).to_be_bytes());
    }
    body.extend_from_slice(&(id as u32).to_be_bytes());
    body.extend_from_slice(&(number as u32).to_be_bytes());
    let most = if rng.one_in(80) && room > 3000 { 60_000 } else { room.min(300) };
    let length = rng.up_to(most);
    body.resize(body.len() + length, id as u8);
    body
}
