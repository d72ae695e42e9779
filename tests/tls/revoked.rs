//! Clients' certificates that are in order and yet no longer good, and chains that are none.

use std::fs;

use crate::authority::{Authority, BOTH, Kind, ONLY_12, ONLY_13};
use crate::clients::{calls, secure, try_call, until};
use crate::running::Running;

#[test]
fn revoked_certificates_are_refused_and_others_are_not() {
    let authority = Authority::new();
    let (good, bad) =
        (authority.issue("good", "web.example.org", Kind::Client), authority.issue("bad", "web.example.org", Kind::Client));
    let mut options = authority.server();
    options.client_ca = Some(authority.file());
    options.client_revocations = Some(authority.revoke(&[]));
    let running = Running::start(options);
    for (round, versions) in (0..).zip([ONLY_12, ONLY_13]) {
        authority.revoke(&[]);
        running.tls.reload().unwrap();
        let config = authority.client(versions, Some(&bad));
        let mut open = secure(running.address, &config);
        calls(&mut open, 1);
        authority.revoke(&[&bad]);
        running.tls.reload().unwrap();
        // A ticket of before does not help, nor is anything asked of who is in.
        for _ in 0..2 {
            let error = try_call(&mut secure(running.address, &config), 2).expect_err("revoked");
            assert!(error.to_string().contains("alert"), "{error}");
        }
        until("both are counted", || running.closed("tls_certificate") == 2 * (round + 1));
        calls(&mut open, 3);
        calls(&mut secure(running.address, &authority.client(versions, Some(&good))), 4);
    }
    assert_eq!(running.requests(), 6);
}

/// T15: what cannot be read is refused at the start, and what was read stays in use.
#[test]
fn lists_that_cannot_be_used_are_refused_with_a_reason() {
    let (authority, other) = (Authority::new(), Authority::new());
    let mut options = authority.server();
    let list = authority.revoke(&[]);
    options.client_revocations = Some(list.clone());
    let error = options.config().unwrap_err().to_string();
    assert!(error.contains("authority"), "{error}");
    options.client_ca = Some(authority.file());
    let running = Running::start(options.clone());
    let text = fs::read_to_string(&list).unwrap();
    let der = "-----BEGIN X509 CRL-----\nMAoCAQECAQECAQE=\n-----END X509 CRL-----\n";
    let lines: Vec<_> = text.lines().collect();
    let cut = [&lines[..2], &lines[3..]].concat().join("\n");
    let certificate = fs::read_to_string(authority.file()).unwrap();
    for (bad, part) in [
        ("", "BEGIN X509 CRL"),
        ("\x30\x03\x02\x01\x01", "openssl crl"),
        (der, "revoked"),
        (&cut, "revoked"),
        (&certificate, "BEGIN X509 CRL"),
        ("-----BEGIN X509 CRL-----\n?\n-----END X509 CRL-----\n", "base64"),
    ] {
        fs::write(&list, bad).unwrap();
        let error = options.config().unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("revoked.pem"), "{bad:?}: {error}");
        assert!(running.tls.reload().is_err());
    }
    fs::remove_file(&list).unwrap();
    assert!(options.config().unwrap_err().to_string().contains("revoked.pem"));
    let client = authority.issue("client", "web.example.org", Kind::Client);
    calls(&mut secure(running.address, &authority.client(BOTH, Some(&client))), 1);
    // One of somebody else says nothing about this client: nobody knows that it was not revoked.
    options.client_revocations = Some(other.revoke(&[]));
    let running = Running::start(options);
    try_call(&mut secure(running.address, &authority.client(BOTH, Some(&client))), 1).expect_err("unknown");
    until("it is counted", || running.closed("tls_certificate") == 1);
}

/// T12: what else a client can show.
#[test]
fn chains_that_lead_nowhere_are_refused() {
    let authority = Authority::new();
    let mut options = authority.server();
    options.client_ca = Some(authority.file());
    let running = Running::start(options);
    let bad = [
        ("self-signed", authority.self_signed("self")),
        ("twenty in a row", authority.chain("chain", 20)),
        ("64 KiB", authority.issue_large("large", 64 * 1024)),
    ];
    for (round, (what, identity)) in (1..).zip(&bad) {
        for versions in [ONLY_12, ONLY_13] {
            assert!(try_call(&mut secure(running.address, &authority.client(versions, Some(identity))), 1).is_err(), "{what}");
        }
        until(what, || running.closed("tls_certificate") + running.closed("tls_protocol") == 2 * round);
    }
    assert_eq!(running.requests(), 0);
    let short = authority.chain("short", 2);
    calls(&mut secure(running.address, &authority.client(BOTH, Some(&short))), 1);
}

/// T16: a ticket is of use with the configuration that it came from, and with no other.
#[test]
fn a_ticket_does_not_outlive_the_list_of_names() {
    let authority = Authority::new();
    let mut options = authority.server();
    options.client_ca = Some(authority.file());
    options.client_names = vec!["web.example.org".to_owned()];
    let running = Running::start(options.clone());
    let client = authority.issue("client", "web.example.org", Kind::Client);
    for versions in [ONLY_12, ONLY_13] {
        let config = authority.client(versions, Some(&client));
        calls(&mut secure(running.address, &config), 1);
        let mut resumed = secure(running.address, &config);
        calls(&mut resumed, 2);
        assert_eq!(resumed.conn.handshake_kind(), Some(rustls::HandshakeKind::Resumed));
        let mut narrower = options.clone();
        narrower.client_names = vec!["db.example.org".to_owned()];
        // As after a restart with another list, on the same address.
        let other = Running::start(narrower);
        assert!(try_call(&mut secure(other.address, &config), 3).is_err());
        until("it is counted", || other.closed("tls_certificate") == 1);
    }
}
