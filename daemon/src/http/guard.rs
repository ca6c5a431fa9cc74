//! What is checked before a request is answered: that it was meant for this daemon, which page sent it, and that it is complete.

use super::{problem::ProblemDetails, shared::ServerState};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use std::{net::IpAddr, time::Duration};
use tokio::time;

/// Longest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 512 * 1024;
/// How long a body may take to arrive.
const MAX_BODY_WAIT: Duration = Duration::from_secs(10);

/// Lets a complete request through if it was meant for this daemon and no page of another origin sent it.
///
/// A page that a browser shows can make a name of its own stand for 127.0.0.1 (DNS rebinding) and read what is answered
/// here: its requests carry that name as their host. No page can do so with an address as the host.
pub(super) async fn guard(State(shared): State<ServerState>, request: Request, next: Next) -> Response {
    if let Err(refused) = meant_for_us(request.headers(), &shared.hosts) {
        return refused.into_response();
    }
    let (parts, body) = request.into_parts();
    match time::timeout(MAX_BODY_WAIT, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(whole)) => next.run(Request::from_parts(parts, Body::from(whole))).await,
        Ok(Err(_)) => {
            let detail = format!("send a whole body of at most {MAX_BODY_BYTES} bytes");
            ProblemDetails::response(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or was cut off", detail)
        }
        Err(_) => {
            let detail = format!("send the whole body within {} seconds", MAX_BODY_WAIT.as_secs());
            ProblemDetails::response(StatusCode::REQUEST_TIMEOUT, "the body did not arrive", detail)
        }
    }
}

fn meant_for_us(headers: &HeaderMap, hosts: &[String]) -> Result<(), ProblemDetails> {
    let host = single(headers, &header::HOST);
    let authority: Option<Authority> = host.and_then(|host| host.parse().ok());
    let Some(authority) = authority else {
        let detail = "send one Host header, as every HTTP client does";
        return Err(ProblemDetails::new(StatusCode::BAD_REQUEST, "the request names no host", detail));
    };
    if !is_ours(authority.host(), hosts) {
        let detail = "ask by address, or add the name that you ask by to `hosts` under [http] of the configuration";
        return Err(ProblemDetails::new(StatusCode::MISDIRECTED_REQUEST, "this is another host", detail));
    }
    let same = |origin: &str| {
        let of_host = |scheme| origin.strip_prefix(scheme).is_some_and(|rest| Some(rest) == host);
        of_host("http://") || of_host("https://")
    };
    if headers.contains_key(header::ORIGIN) && !single(headers, &header::ORIGIN).is_some_and(same) {
        let detail = "send the request from a program, or from a page of this daemon";
        return Err(ProblemDetails::new(StatusCode::FORBIDDEN, "a page of another origin sent this request", detail));
    }
    Ok(())
}

/// The value of a header that occurs exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// Whether `host` is an address, this machine's own name for itself, or one of the configured names.
fn is_ours(host: &str, hosts: &[String]) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(headers: &[(HeaderName, &str)], expected: u16) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).expect("a header"));
        }
        let status = meant_for_us(&map, &["tierwatch.example".to_owned()]).map_or_else(|no| no.status, |()| 200);
        assert_eq!(status, expected, "{headers:?}");
    }

    #[test]
    fn a_request_is_meant_for_an_address_or_a_configured_name() {
        for host in
            ["127.0.0.1:9470", "127.0.0.1", "[::1]:9470", "localhost:9470", "LOCALHOST", "Tierwatch.Example:443"]
        {
            check(&[(header::HOST, host)], 200);
        }
        for host in
            ["rebound.example:9470", "127.0.0.1.rebound.example", "localhost.rebound.example", "tierwatch.example.org"]
        {
            check(&[(header::HOST, host)], 421);
        }
        check(&[], 400);
        check(&[(header::HOST, "")], 400);
        check(&[(header::HOST, "127.0.0.1"), (header::HOST, "rebound.example")], 400);
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        let host = (header::HOST, "127.0.0.1:9470");
        for origin in ["http://127.0.0.1:9470", "https://127.0.0.1:9470"] {
            check(&[host.clone(), (header::ORIGIN, origin)], 200);
        }
        for origin in ["null", "http://127.0.0.1", "http://127.0.0.1:9471", "http://other.example", "127.0.0.1:9470"] {
            check(&[host.clone(), (header::ORIGIN, origin)], 403);
        }
        let origin = (header::ORIGIN, "http://127.0.0.1:9470");
        check(&[host, origin.clone(), origin], 403);
    }
}
