//! The production loop under a simulated network and a virtual clock. A seed draws the clients, the faults and the timing; the
//! same seed gives the same run, bit for bit. `SIMULATION_SEEDS=n` runs more of them, `SIMULATION_SEED=s` one alone.

#![cfg(feature = "server")]

#[path = "simulation/client.rs"]
mod client;
#[path = "reactor/echo.rs"]
mod echo;
#[path = "simulation/platform.rs"]
mod platform;
#[path = "simulation/rng.rs"]
mod rng;
#[path = "simulation/world.rs"]
mod world;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use client::{Client, Ending};
use echo::{Echo, Reason, Records};
use farthing::reactor::{Budget, Closed, Limits, Peer, Reactor, Stage};
use platform::{SimListener, SimPlatform, SimPool};
use rng::Rng;
use world::{Action, Faults, World};

const SEEDS: u64 = 2500;
/// No run of these sizes needs more turns; one that does is spinning.
const TURNS_MAX: usize = 100_000;

#[test]
fn every_seed_keeps_its_promises() {
    if let Some(seed) = number("SIMULATION_SEED") {
        Run::new(seed).finish();
        return;
    }
    for seed in 0..number("SIMULATION_SEEDS").unwrap_or(SEEDS) {
        let outcome = catch_unwind(AssertUnwindSafe(|| Run::new(seed).finish()));
        assert!(outcome.is_ok(), "seed {seed} fails; SIMULATION_SEED={seed} runs it alone");
    }
}

/// The same clients, where what they send and ask for does not fit into memory: who is put off is heard in the end, or reset.
#[test]
fn every_seed_keeps_its_promises_where_memory_is_short() {
    let seeds = number("SIMULATION_SEEDS").unwrap_or(SEEDS);
    let (mut held_back, mut reset) = (0, 0);
    for seed in 0..seeds {
        let budget = Budget::new(200 + Rng(!seed).up_to(20_000));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut run = Run::new(seed);
            run.reactor.share(Arc::clone(&budget));
            run.is_short = true;
            run.finish()
        }));
        assert!(outcome.is_ok(), "seed {seed} fails where memory is short");
        assert_eq!(budget.held(), 0, "seed {seed}: something is still counted");
        held_back += u64::from(budget.entered(Stage::Reluctant) > 0);
        reset += u64::from(budget.entered(Stage::Full) > 0);
    }
    assert!(held_back > seeds / 50 && reset > seeds / 100, "{held_back} and {reset} of {seeds}: nothing was tested");
}

#[test]
fn a_seed_replays_bit_for_bit() {
    for seed in 0..50 {
        assert_eq!(Run::new(seed).finish(), Run::new(seed).finish(), "seed {seed}");
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// One seed's run.
struct Run {
    world: Rc<RefCell<World>>,
    reactor: Reactor<SimPlatform, Echo<SimPool>>,
    drains: bool,
    /// Connections may be reset for want of memory.
    is_short: bool,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let limits = draw_limits(&mut rng);
        let faults = draw_faults(&mut rng);
        let room = if rng.one_in(4) { rng.up_to(100) } else { 500 + rng.up_to(60_000) };
        let drains = rng.one_in(4);
        let mut world = World::new(rng.clone(), faults, room);
        for id in 0..rng.up_to(12) {
            let client = Client::draw(&mut rng, id, room);
            world.add_client(client, Duration::from_micros(rng.up_to(30_000) as u64));
        }
        // Without an order to drain the loop would wait for new clients for ever; a late one ends the run.
        let after = if drains { rng.up_to(60_000) as u64 } else { 3_600_000_000 };
        world.plan(Duration::from_micros(after), Action::Drain);
        let world = Rc::new(RefCell::new(world));
        let remote = Rc::new(RefCell::new(None));
        let platform = SimPlatform { world: Rc::clone(&world), remote: Rc::clone(&remote) };
        let pool = SimPool(Rc::clone(&world));
        let soft = limits.output_soft;
        let app = |remote| {
            let mut app = Echo::new(pool, remote);
            app.soft = soft;
            app
        };
        let mut reactor = Reactor::new(platform, limits, app).unwrap();
        *remote.borrow_mut() = Some(reactor.remote());
        reactor.listen(SimListener(Rc::clone(&world))).unwrap();
        Run { world, reactor, drains, is_short: false }
    }

    /// Runs to the end, checks, and returns a digest of all that happened.
    fn finish(mut self) -> u64 {
        let mut turns = 0;
        let cut = loop {
            if let Some(cut) = self.reactor.turn().unwrap() {
                break cut;
            }
            turns += 1;
            assert!(turns < TURNS_MAX, "the loop spins");
            assert!(!self.world.borrow().silent, "the loop fell silent before it was drained");
        };
        assert!(self.drains || cut == 0, "{cut} connections were left an hour later");
        self.let_clients_read();
        let records = self.reactor.into_app().records;
        let world = self.world.borrow();
        assert_eq!(records.opened, records.closed.len(), "each connection is closed once");
        for (id, client) in world.clients.iter().enumerate() {
            check_client(id, client, &records, self.drains, self.is_short);
        }
        world.trace
    }

    /// What is on its way to the clients arrives although the server has gone.
    fn let_clients_read(&self) {
        let mut world = self.world.borrow_mut();
        world.stuck.clear();
        for id in 0..world.clients.len() {
            let wire = &mut world.wires[id];
            let (bytes, ended, reset) = (std::mem::take(&mut wire.to_client), wire.server_ended, wire.server_reset);
            world.clients[id].take(&bytes, ended, reset);
        }
    }
}

fn draw_limits(rng: &mut Rng) -> Limits {
    Limits {
        read_buffer: 16 + rng.up_to(65_536),
        output_soft: rng.up_to(20_000),
        output_hard: 1_000_000,
        accepts_per_turn: rng.up_to(4),
        connections_max: rng.up_to(16),
        completions_per_turn: rng.up_to(8),
        ..Limits::default()
    }
}

fn draw_faults(rng: &mut Rng) -> Faults {
    let mut rate = |most: usize| if rng.one_in(3) { 0 } else { 1 + rng.up_to(most) };
    Faults { short: rate(20), again: rate(20), interrupt: rate(50), late: rate(10), spurious: rate(50) * 10, accept: rate(20) }
}

/// The promises made to one client.
fn check_client(id: usize, client: &Client, records: &Records, drains: bool, is_short: bool) {
    let peer = Peer::Tcp(([127, 0, 0, 1], id as u16).into());
    let count = |peers: &[Peer]| peers.iter().filter(|other| **other == peer).count();
    let closed = count(&records.peers_closed);
    assert_eq!(count(&records.peers_opened), closed, "client {id} is closed exactly once");
    let handled: Vec<&Vec<u8>> =
        records.bodies.iter().flatten().filter(|(other, _)| *other == peer).map(|(_, body)| body).collect();
    assert!(handled.len() <= client.bodies.len(), "client {id}: a handler ran more than once");
    assert!(handled.iter().zip(&client.bodies).all(|(handled, sent)| **handled == *sent), "client {id}: order, or foreign bytes");
    let answers = client.answers();
    for (number, answer) in answers.iter().enumerate() {
        assert!(client.accepts(number, answer), "client {id}: answer {number} is wrong");
    }
    assert!(answers.len() <= handled.len(), "client {id}: more answers than requests");
    let Some(at) = records.peers_closed.iter().position(|other| *other == peer) else {
        assert!(handled.is_empty());
        return;
    };
    if is_short && records.closed[at] == Closed::Memory {
        return;
    }
    check_ending(id, client, records.closed[at], (handled.len(), answers.len()), drains);
}

fn check_ending(id: usize, client: &Client, closed: Closed<Reason>, (handled, answers): (usize, usize), drains: bool) {
    let command = client.bodies.last().map_or(0, |body| body[0]);
    let lost = match closed {
        Closed::Peer | Closed::App(Reason::Drained) => false,
        Closed::App(Reason::Asked) => command != echo::FINISH,
        Closed::App(Reason::Truncated) => {
            return assert!(matches!(client.ending, Ending::Truncate(_)), "client {id} truncated nothing");
        }
        Closed::Stalled | Closed::Slow => return assert!(client.sluggish, "client {id} was not slow"),
        Closed::Failed(kind) => {
            assert!(matches!(client.ending, Ending::Reset(_)), "client {id} did not reset, yet {kind:?}");
            return;
        }
        Closed::Cut => return assert!(drains),
        Closed::App(Reason::Idle) => panic!("client {id} was forgotten"),
        Closed::Overflow
        | Closed::Memory
        | Closed::Breach(_)
        | Closed::Starved
        | Closed::Panicked
        | Closed::Unanswered
        | Closed::App(Reason::Garbage) => {
            panic!("client {id}: {closed:?}")
        }
    };
    if !lost && !client.saw_reset {
        assert_eq!(answers, handled, "client {id}: every handled request is answered ({closed:?}, {:?})", client.ending);
    }
    let whole = matches!(client.ending, Ending::HalfClose | Ending::Answered);
    if whole && !drains && !lost {
        assert_eq!(answers, client.bodies.len(), "client {id} lost answers ({closed:?})");
    }
    assert!(client.connected());
}
