//! The load generator under a virtual clock: what it reports of servers that stall, lie, vanish or never were.

#![cfg(feature = "load")]

#[path = "outgoing/network.rs"]
mod network;
#[path = "load/script.rs"]
mod script;

use std::rc::Rc;
use std::time::{Duration, Instant};

use farthing::load::{
    Arrivals, Builtin, Call, Clock, Comparison, Dial, Length, Load, Pick, Plan, Problem, Rate, Report, Round, Shape, Sizes,
    Verdict, html, simulate, text,
};
use farthing::reactor::Address;
use farthing::rpc::Requester;
use farthing::transport::{Client, Limits};
use farthing::wire::Codec;
use network::{Door, Network, Server, Shared, VirtualPlatform};
use script::{Reaction, Script};

const MS: Duration = Duration::from_millis(1);
const US: Duration = Duration::from_micros(1);
const S: Duration = Duration::from_secs(1);
const QUICK: Reaction = Reaction::Answer(Duration::from_micros(100));

struct VirtualClock(Shared);

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        let network = self.0.borrow();
        network.epoch + network.now
    }

    fn used(&self) -> Duration {
        Duration::ZERO
    }
}

fn plan(shape: Shape, connections: usize, pipeline: usize) -> Plan {
    let sizes = Sizes { value: 0, keys: 1, pick: Pick::Sequence };
    Plan {
        route: Address::Tcp(([127, 0, 0, 1], 1).into()).into(),
        dial: Dial::new(|| Requester::new(Codec::Binary, Client::framed())),
        calls: vec![Call::builtin(Builtin::Add, 1, &sizes)],
        shape,
        connections,
        pipeline,
        threads: 1,
        connect_per_call: false,
        warmup: 500 * MS,
        length: Length::Time(10 * S),
        ramp: Duration::ZERO,
        timeout: 5 * S,
        limits: Limits::default(),
    }
}

fn open(rate: f64) -> Shape {
    Shape::Open { rate: Rate::steady(rate), arrivals: Arrivals::Constant }
}

fn run(plan: &Plan, server: impl Server + 'static) -> (Round, usize) {
    let network = Network::new(server);
    let outcome = simulate(plan, VirtualPlatform(Rc::clone(&network)), VirtualClock(Rc::clone(&network))).expect("a run");
    let open = network.borrow().open();
    (Round::new(plan, &outcome), open)
}

/// Answers quickly, but for one second from 5.5 s on, in which it does nothing.
fn stalls(call: usize, now: Duration) -> Reaction {
    let stall = 5500 * MS..6500 * MS;
    if stall.contains(&now) { Reaction::Answer(stall.end.saturating_sub(now)) } else { quick(call, now) }
}

fn quick(_: usize, _: Duration) -> Reaction {
    QUICK
}

fn within(got: f64, wanted: f64) -> bool {
    (got - wanted).abs() <= wanted * 0.02
}

#[test]
fn an_open_loop_tells_of_a_stall_what_its_users_saw() {
    // A tenth of all calls are due while the server stalls, and wait from 1 s down to nothing.
    for (connections, pipeline) in [(1, 1), (1, 5000), (64, 1), (2000, 1)] {
        let (round, _) = run(&plan(open(1000.0), connections, pipeline), Script::new(|_, _| Door::Open, stalls));
        let latency = &round.latency;
        assert_eq!((round.calls, round.failed), (10_000, 0), "{connections} x {pipeline}");
        assert!(latency.p75_us < 10_000.0, "{connections} x {pipeline}: {latency:?}");
        assert!(within(latency.p95_us, 500_000.0) || connections < 2000, "{connections} x {pipeline}: p95 {}", latency.p95_us);
        assert!(latency.p95_us >= 490_000.0, "{connections} x {pipeline}: p95 {}", latency.p95_us);
        assert!(latency.p99_us >= 880_000.0, "{connections} x {pipeline}: p99 {}", latency.p99_us);
        assert!(within(latency.max_us, 1_000_000.0), "{connections} x {pipeline}: max {}", latency.max_us);
        assert!(round.generator.lag_us.is_some_and(|(_, p99, _)| p99 < 100.0), "{:?}", round.generator);
        // The last answer comes a little after the end, in a moment that has no rate of its own.
        let last = round.timeline.last().expect("a timeline").calls_per_second;
        assert!(within(last, 1000.0), "{connections} x {pipeline}: {last} in the end");
    }
}

#[test]
fn service_time_hides_the_calls_that_were_held_back() {
    let (round, _) = run(&plan(open(1000.0), 1, 1), Script::new(|_, _| Door::Open, stalls));
    let service = round.service_time.expect("service time");
    assert!(service.p99_us < 1000.0, "only one call was under way: {}", service.p99_us);
    assert!(round.latency.p99_us > 850_000.0);
}

#[test]
fn a_closed_loop_sees_a_stall_as_one_slow_call_per_connection() {
    // A tenth of the calls of a quicker server, and the same second.
    let react = |call, now| match stalls(call, now) {
        QUICK => Reaction::Answer(900 * US),
        stalled => stalled,
    };
    let (round, open) = run(&plan(Shape::Closed, 4, 1), Script::new(|_, _| Door::Open, react));
    assert!(round.latency.p99_9_us < 1000.0, "{:?}", round.latency.p99_9_us);
    assert!(within(round.latency.max_us, 1_000_000.0));
    assert!(round.service_time.is_none());
    let empty = round.timeline.iter().filter(|interval| interval.calls_per_second == 0.0).count();
    assert!((9..=10).contains(&empty), "the timeline shows the second: {empty}");
    assert_eq!(open, 0, "every connection is closed in the end");
}

#[test]
fn each_fault_is_counted_by_its_kind_and_ends_nothing_else() {
    let faults = [
        (Reaction::Wrong, Problem::WrongValue),
        (Reaction::Exception, Problem::Exception),
        (Reaction::Seqid, Problem::Mismatch),
        (Reaction::Method, Problem::Mismatch),
        (Reaction::Garbage, Problem::Protocol),
        (Reaction::Close, Problem::Closed),
        (Reaction::Half, Problem::Closed),
        (Reaction::Reset, Problem::Reset),
        (Reaction::Silence, Problem::Timeout),
    ];
    for (fault, problem) in faults {
        for (shape, pipeline) in [(Shape::Closed, 1), (open(1000.0), 1), (Shape::Closed, 8), (open(1000.0), 8)] {
            let mut plan = plan(shape, 4, pipeline);
            (plan.timeout, plan.length, plan.warmup) = (200 * MS, Length::Time(S), 50 * MS);
            let react = move |call: usize, _| if call % 211 == 210 { fault } else { Reaction::Answer(3 * MS) };
            let (round, open) = run(&plan, Script::new(|_, _| Door::Open, react));
            let name = format!("{fault:?}, {pipeline} under way, {shape:?}");
            let count = round.errors.get(problem.name()).map_or(0, |error| error.count);
            assert!(count >= 2, "{name}: {:?}", round.errors);
            let others = round.errors.keys().filter(|kind| **kind != problem.name() && *kind != "dropped");
            assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new(), "{name}");
            assert!(round.calls > 500, "{name}: it goes on, {} calls", round.calls);
            assert_eq!(round.failed, round.errors.values().map(|error| error.count).sum::<u64>(), "{name}: {:?}", round.errors);
            assert_eq!(open, 0, "{name}");
            if let Shape::Open { .. } = shape {
                assert_eq!(round.calls + round.failed, 1000, "{name}: every call that was due is accounted for");
            }
        }
    }
}

#[test]
fn nobody_there_ends_the_run_at_once() {
    for (door, problem) in
        [(Door::Shut, Problem::Refused), (Door::Refuses(MS), Problem::Refused), (Door::Silent, Problem::ConnectTimeout)]
    {
        for connect_per_call in [false, true] {
            for shape in [Shape::Closed, open(1000.0)] {
                let mut plan = plan(shape, 4, 1);
                (plan.connect_per_call, plan.timeout) = (connect_per_call, S);
                let (round, _) = run(&plan, Script::new(move |_, _| door, quick));
                assert_eq!((round.calls, round.connections), (0, 0));
                let count = round.errors.get(problem.name()).map_or(0, |error| error.count);
                assert!(count >= 4, "{door:?} {shape:?} {connect_per_call}: {:?}", round.errors);
            }
        }
    }
}

#[test]
fn a_server_that_goes_away_for_a_while_is_found_again() {
    let away = 3 * S..4 * S;
    let door = move |_: usize, now: Duration| if away.contains(&now) { Door::Refuses(MS) } else { Door::After(MS) };
    let react = move |_: usize, now: Duration| if (3 * S..4 * S).contains(&now) { Reaction::Reset } else { QUICK };
    let (round, _) = run(&plan(open(1000.0), 8, 1), Script::new(door, react));
    assert_eq!(round.calls + round.failed, 10_000, "no call is lost");
    assert!(round.errors.contains_key("reset") && round.errors.contains_key("connect_refused"), "{:?}", round.errors);
    assert!(round.latency.max_us > 900_000.0 && round.latency.max_us < 2_000_000.0, "{}", round.latency.max_us);
    assert!(round.connections >= 16);
}

#[test]
fn what_cannot_be_sent_or_answered_in_time_is_given_up() {
    let mut plan = plan(open(1000.0), 4, 2);
    (plan.timeout, plan.length) = (S, Length::Time(3 * S));
    let (round, _) = run(&plan, Script::new(|_, _| Door::Open, |_, _| Reaction::Silence));
    assert_eq!((round.calls, round.failed), (0, 3000));
    assert!(round.errors["timeout"].count >= 8 && round.errors["unsent"].count > 2500, "{:?}", round.errors);
    assert!(round.latency.max_us < 2_100_000.0, "{}", round.latency.max_us);
    assert!(round.latency.p50_us >= 990_000.0, "who waits in vain waits for the time-out: {}", round.latency.p50_us);
}

#[test]
fn a_connection_per_call_counts_connecting_as_latency() {
    for shape in [Shape::Closed, open(500.0)] {
        let mut plan = plan(shape, 4, 1);
        (plan.connect_per_call, plan.length) = (true, Length::Time(2 * S));
        let (round, left) = run(&plan, Script::new(|_, _| Door::After(2 * MS), |_, _| Reaction::Answer(MS)));
        let service = round.service_time.expect("service time");
        assert!(
            round.failed == 0 && round.calls > 900 && round.connections >= round.calls,
            "{} {}",
            round.calls,
            round.connections
        );
        assert!(round.latency.p50_us >= 3000.0 && round.latency.p99_us < 3200.0, "{:?}", round.latency.p99_us);
        assert!(service.p50_us >= 1000.0 && service.p99_us < 1200.0, "{:?}", service.p99_us);
        assert_eq!(left, 0);
    }
}

#[test]
fn so_many_calls_are_so_many_calls() {
    for shape in [Shape::Closed, open(20_000.0)] {
        for (connections, pipeline, calls) in [(1, 1, 1), (7, 3, 1000), (16, 1, 5)] {
            let mut plan = plan(shape, connections, pipeline);
            (plan.length, plan.warmup) = (Length::Calls(calls), 10 * MS);
            let (round, _) = run(&plan, Script::new(|_, _| Door::Open, quick));
            assert_eq!((round.calls, round.failed), (calls, 0), "{shape:?} {connections} x {pipeline}");
        }
    }
}

#[test]
fn a_ramp_opens_connections_one_after_the_other() {
    let mut plan = plan(Shape::Closed, 10, 1);
    (plan.ramp, plan.warmup, plan.length) = (2 * S, Duration::ZERO, Length::Time(4 * S));
    let (round, _) = run(&plan, Script::new(|_, _| Door::Open, |_, _| Reaction::Answer(10 * MS)));
    let rates: Vec<f64> = round.timeline.iter().map(|interval| interval.calls_per_second).collect();
    assert!(rates[1] < 150.0 && rates[10] > 400.0 && rates[10] < 700.0 && rates[30] > 900.0, "{rates:?}");
}

#[test]
fn a_rate_ramp_is_followed() {
    let mut plan = plan(Shape::Open { rate: Rate { from: 100.0, to: 2100.0 }, arrivals: Arrivals::Poisson }, 16, 1);
    plan.length = Length::Time(10 * S);
    let (round, _) = run(&plan, Script::new(|_, _| Door::Open, quick));
    assert!((10_600..11_400).contains(&round.calls), "10 s x (100 + 2100) / 2: {}", round.calls);
    let (first, last) = (&round.timeline[5], &round.timeline[94]);
    assert!(first.calls_per_second < 400.0 && last.calls_per_second > 1700.0);
}

fn report(rounds: Vec<Round>, plan: &Plan) -> Report {
    Report::new(Load::new(plan, "127.0.0.1:1", "binary", "framed"), rounds)
}

#[test]
fn reports_of_the_same_run_read_as_they_always_did() {
    let plan = plan(open(1000.0), 2000, 1);
    let (round, _) = run(
        &plan,
        Script::new(|_, _| Door::Open, |call, now| if call % 997 == 996 { Reaction::Wrong } else { stalls(call, now) }),
    );
    let mut report = report(vec![round], &plan);
    report.environment = farthing::load::Environment { farthing: "0".into(), optimized: true, ..Default::default() };
    let golden = include_str!("load/report.txt");
    assert_eq!(text(&report), golden, "\n{}", text(&report));
    let json = serde_json::to_string(&report).expect("JSON");
    let again: Report = serde_json::from_str(&json).expect("a report");
    assert_eq!(text(&again), golden, "JSON keeps all of it");
    let page = html(&report);
    assert_eq!(page.matches("<svg").count(), 4);
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"), "nothing from elsewhere");
    assert!(!page.contains("NaN") && !page.contains("inf"), "every place is a number");
}

#[test]
fn comparisons_tell_changes_from_noise() {
    let plan = plan(Shape::Closed, 4, 1);
    let of = |delays: [u64; 5]| {
        let rounds = delays.map(|delay| {
            let mut plan = plan.clone();
            (plan.length, plan.warmup) = (Length::Time(200 * MS), 10 * MS);
            run(&plan, Script::new(|_, _| Door::Open, move |_, _| Reaction::Answer(Duration::from_micros(delay)))).0
        });
        report(rounds.to_vec(), &plan)
    };
    let (base, slower, noisy) = (of([100, 101, 102, 101, 100]), of([120, 121, 122, 121, 120]), of([80, 130, 101, 90, 140]));
    let verdict = |old: &Report, new: &Report, threshold: f64| Comparison::new(old, new, threshold);
    let rate = |comparison: &Comparison| comparison.rows[0].verdict;
    assert_eq!(rate(&verdict(&base, &slower, 0.05)), Verdict::Worse);
    assert!(verdict(&base, &slower, 0.05).is_worse());
    assert_eq!(rate(&verdict(&base, &slower, 0.5)), Verdict::SlightlyWorse);
    assert!(!verdict(&base, &slower, 0.5).is_worse());
    assert_eq!(rate(&verdict(&slower, &base, 0.05)), Verdict::Better);
    assert_eq!(rate(&verdict(&base, &base, 0.05)), Verdict::Same);
    assert_eq!(rate(&verdict(&base, &noisy, 0.001)), Verdict::Same, "{}", verdict(&base, &noisy, 0.001).text());
}
