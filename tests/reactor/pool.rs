//! The pool of threads that jobs are offloaded to.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use farthing::reactor::{Fate, Pool, PoolOptions, Workers};

use super::until;

#[test]
fn a_pool_sheds_bounds_and_stops() {
    let options = PoolOptions { workers: 1, queue_max: 2, queue_timeout: Duration::from_millis(50), ..PoolOptions::default() };
    let workers = Workers::start(options).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let (report, reports) = mpsc::channel();
    workers.submit(Box::new(move |_| wait.recv().unwrap_or(())), Instant::now()).ok().unwrap();
    until(|| workers.load(Instant::now()).busy == 1 && workers.load(Instant::now()).queued == 0);
    for _ in 0..2 {
        let report = report.clone();
        workers.submit(Box::new(move |fate| report.send(fate).unwrap()), Instant::now()).ok().unwrap();
    }
    assert!(workers.submit(Box::new(|_| ()), Instant::now()).is_err(), "the queue is full");
    thread::sleep(Duration::from_millis(100));
    go.send(()).unwrap();
    assert_eq!((reports.recv().unwrap(), reports.recv().unwrap()), (Fate::Shed, Fate::Shed));
    workers.submit(Box::new(|_| panic!("in a job")), Instant::now()).ok().unwrap();
    // To report a panic may take longer than a job may wait behind it.
    until(|| workers.load(Instant::now()).panicked == 1);
    workers.submit(Box::new(move |fate| report.send(fate).unwrap()), Instant::now()).ok().unwrap();
    assert_eq!(reports.recv().unwrap(), Fate::Run);
    let load = workers.load(Instant::now());
    assert_eq!((load.shed, load.panicked, load.stuck), (2, 1, 0));
    assert_eq!(workers.stop(Duration::from_secs(5)), 0);
}

/// L1: where a queue never gets empty, who would wait too long need not wait to hear it.
#[test]
fn a_loaded_pool_refuses_at_once_what_would_wait_too_long() {
    let [loaded, patience] = [50, 30].map(Duration::from_millis);
    let options = PoolOptions { workers: 1, queue_timeout: loaded, queue_timeout_loaded: patience, ..PoolOptions::default() };
    let workers = Workers::start(options).unwrap();
    let (report, reports) = mpsc::channel();
    let mut refused = 0;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        let (report, came) = (report.clone(), Instant::now());
        let job = Box::new(move |fate| {
            report.send((fate, came.elapsed())).unwrap();
            thread::sleep(Duration::from_millis(if fate == Fate::Run { 5 } else { 0 }));
        });
        refused += usize::from(workers.submit(job, came).is_err());
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(workers.stop(Duration::from_secs(5)), 0);
    drop(report);
    let (run, shed): (Vec<_>, Vec<_>) = reports.iter().partition(|(fate, _)| *fate == Fate::Run);
    let counts = (run.len(), shed.len(), refused);
    assert!(run.len() > 50, "the worker has always something to do: {counts:?}");
    assert!(refused > 2 * shed.len(), "few wait in vain: {counts:?}");
    assert!(run.iter().filter(|(_, waited)| *waited > loaded).count() * 4 < run.len(), "who gets in waits little: {counts:?}");
}

#[test]
fn where_all_workers_are_stuck_nobody_waits_for_them() {
    let [loaded, patience] = [500, 100].map(Duration::from_millis);
    let options = PoolOptions { workers: 1, queue_timeout: loaded, queue_timeout_loaded: patience, ..PoolOptions::default() };
    let workers = Workers::start(options).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    workers.submit(Box::new(move |_| wait.recv().unwrap_or(())), Instant::now()).ok().unwrap();
    until(|| workers.load(Instant::now()).busy == 1 && workers.load(Instant::now()).queued == 0);
    let start = Instant::now();
    let accepts = |after: Duration| workers.submit(Box::new(|_| ()), start + after).is_ok();
    assert!(accepts(Duration::ZERO));
    assert!(accepts(loaded), "a queue that fills for a moment is what a queue is for");
    assert!(!accepts(loaded + Duration::from_millis(1)));
    go.send(()).unwrap();
    assert_eq!(workers.stop(Duration::from_secs(5)), 0);
}
