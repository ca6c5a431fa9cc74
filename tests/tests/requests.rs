//! What the daemon answers on its address, to well-meaning programs and to others.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};
use tierwatch_tests::{DEADLINE, Daemon, Site, eventually};

/// More than the daemon serves at once.
const CROWD: usize = 150;

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a time limit");
    stream
}

/// The status line and all that follows, of a request as it is written.
fn exchange(daemon: &Daemon, request: &str) -> String {
    let mut stream = connect(daemon.address());
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers and closes");
    answer
}

fn get(host: &str, further: &str) -> String {
    format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{further}\r\n")
}

fn retry(body: &str) -> String {
    let length = body.len();
    let head =
        "POST /v1/quarantine/retry HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json";
    format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[test]
fn a_request_must_be_meant_for_this_daemon() {
    let site = Site::new();
    site.edit("tierwatch.toml", "[http]\n", "[http]\nhosts = [\"tierwatch.example\"]\n");
    let daemon = site.start_ready();
    let address = daemon.address().to_string();
    let check = |request: String, status: &str, says: &str| {
        let answer = exchange(&daemon, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}{answer}");
        assert!(answer.contains(says), "{request}{answer}");
    };
    check(get(&address, ""), "200", "tierwatch_ready");
    check(get("tierwatch.example", ""), "200", "tierwatch_ready");
    check(get(&address, &format!("Origin: http://{address}\r\n")), "200", "tierwatch_ready");
    check(get("rebound.example", ""), "421", "hosts");
    check(get(&address, "Origin: http://other.example\r\n"), "403", "another origin");
    check("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), "400", "Host");
    check(retry("{\"ids\": [3, 4, 3]}"), "422", "the item 3 is named twice");
    check(retry("{\"ids\": [4711]}"), "404", "there is no item 4711");
    check(retry("{\"id\": [1]}"), "422", "send JSON as");
    check(retry("{"), "400", "send JSON as");
    check(retry("{}"), "200", "\"tried\":0");
    let set_aside = |body: &str| retry(body).replace("/retry", "/set-aside");
    check(set_aside("{\"ids\": [3, 3]}"), "422", "the item 3 is named twice");
    check(set_aside("{\"ids\": [4711]}"), "404", "there is no item 4711");
    check("PUT /metrics HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n".to_owned(), "405", "methods");
    check("GET /metric HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "404", "/metrics");
    let too_long = format!("{{\"ids\": [{}1]}}", "1, ".repeat(200_000));
    check(retry(&too_long), "413", "bytes");
}

#[test]
fn half_a_request_does_not_hold_up_a_stop() {
    let site = Site::new();
    let mut daemon = site.start_ready();
    let mut halves = Vec::new();
    for half in [
        "GET /metrics HT".to_owned(),
        "POST /v1/quarantine/retry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"ids\""
            .to_owned(),
        String::new(),
    ] {
        let mut stream = connect(daemon.address());
        stream.write_all(half.as_bytes()).expect("it reads");
        halves.push(stream);
    }
    assert_eq!(daemon.get("/healthz").0, 200);
    // A stop that is cut short would end with 1.
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.process().text());
}

#[test]
fn whoever_connects_and_says_nothing_makes_room_again() {
    let site = Site::new();
    let daemon = site.start_ready();
    let crowd: Vec<TcpStream> = (0..CROWD).map(|_| connect(daemon.address())).collect();
    // It waits until the silent connections are closed.
    let answer = exchange(&daemon, &get("127.0.0.1", ""));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut first = &crowd[0];
    first.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    assert_eq!(first.read(&mut [0; 1]).expect("it is closed"), 0);
}

#[test]
fn whoever_asks_and_reads_no_answer_makes_room_again() {
    let site = Site::new();
    let daemon = site.start_ready();
    let request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100);
    let mut deaf = connect(daemon.address());
    deaf.set_write_timeout(Some(Duration::from_millis(100))).expect("a time limit");
    // It sends requests until its unread answers fill all buffers, and is cut off some time after that.
    let cut_off = eventually("it is cut off", || match deaf.write_all(request.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => Some(error.kind()),
        _ => None,
    });
    assert!(matches!(cut_off, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{cut_off}");
    assert_eq!(daemon.get("/healthz").0, 200);
}
