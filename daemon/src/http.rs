//! What the daemon answers on its address: metrics, health, and the requests of the command line.

mod guard;
mod problem;
mod serving;
mod shared;

use crate::{
    by_name::ByName,
    pipeline::{Event, ItemsRefused},
};
use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
pub(crate) use problem::ProblemDetails;
use serde::{Deserialize, Serialize};
pub(crate) use serving::serve;
pub(crate) use shared::ServerState;
use std::collections::BTreeSet;
use tokio::sync::oneshot::{self, error::RecvError};

/// Most quarantined items named in one request.
const MAX_ITEMS: usize = 10_000;

/// A request to try quarantined items again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryRequest {
    /// The numbers of the items; absent: all that wait.
    pub ids: Option<Vec<i64>>,
}

/// A request to set quarantined items aside.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetAsideRequest {
    /// The numbers of the items.
    pub ids: Vec<i64>,
}

/// What setting items aside came to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SetAsideDone {
    /// How many of the items had been waiting.
    pub set_aside: usize,
}

/// A request to read the configuration again. It is taken even where it stops much of the evidence from counting.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReloadRequest {}

/// Whether these items can be asked for: not too many, each named once.
///
/// # Errors
/// What is wrong with the list, and the fix.
pub(crate) fn check(ids: &[i64]) -> Result<(), String> {
    if ids.len() > MAX_ITEMS {
        return Err(format!("name at most {MAX_ITEMS} items in one request"));
    }
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(twice) => Err(format!("the item {twice} is named twice: name it once")),
        None => Ok(()),
    }
}

fn router(shared: ServerState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/v1/quarantine/retry", post(retry))
        .route("/v1/quarantine/set-aside", post(set_aside))
        .route("/v1/reload", post(reload))
        .route("/v1/plugins", get(plugins))
        .fallback(unknown)
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}

async fn metrics(State(shared): State<ServerState>) -> Response {
    shared.metrics.ready.set(i64::from(shared.health.is_ready()));
    match shared.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be encoded");
            ProblemDetails::response(
                StatusCode::INTERNAL_SERVER_ERROR,
                "metrics failed",
                "the log of the daemon says why",
            )
        }
    }
}

async fn readyz(State(shared): State<ServerState>) -> Response {
    match shared.health.why_not() {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why + "\n").into_response(),
    }
}

async fn unknown() -> Response {
    let detail = "ask for /metrics, /healthz or /readyz, or use the command line";
    ProblemDetails::response(StatusCode::NOT_FOUND, "there is nothing here", detail)
}

async fn other_method() -> Response {
    let detail = "the header `allow` of this answer names the methods";
    ProblemDetails::response(StatusCode::METHOD_NOT_ALLOWED, "not by this method", detail)
}

/// What a request holds, or else the answer that says in which form to send it.
fn read<T>(request: Result<Json<ByName<T>>, JsonRejection>, form: &str) -> Result<T, ProblemDetails> {
    request.map(|Json(ByName(request))| request).map_err(|rejection| {
        let detail = format!("{}; send JSON as {form}", rejection.body_text());
        ProblemDetails::new(rejection.status(), "this is no such request", detail)
    })
}

/// Takes JSON only: a web page cannot send that to another origin without a preflight request.
async fn retry(
    State(shared): State<ServerState>,
    request: Result<Json<ByName<RetryRequest>>, JsonRejection>,
) -> Response {
    let request = match read(request, "{\"ids\": [1, 2]}, or {} for all") {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
    };
    if let Err(detail) = check(request.ids.as_deref().unwrap_or_default()) {
        return ProblemDetails::response(StatusCode::UNPROCESSABLE_ENTITY, "these items cannot be tried", detail);
    }
    if let Some(waiting) = waiting(&shared) {
        return waiting;
    }
    let (reply, answer) = oneshot::channel();
    if shared.events.send(Event::Retry(request.ids, reply)).await.is_err() {
        return stopping();
    }
    done(answer).await
}

/// Takes JSON only, as [`retry`] does.
async fn set_aside(
    State(shared): State<ServerState>,
    request: Result<Json<ByName<SetAsideRequest>>, JsonRejection>,
) -> Response {
    let request = match read(request, "{\"ids\": [1, 2]}") {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
    };
    if let Err(detail) = check(&request.ids) {
        return ProblemDetails::response(StatusCode::UNPROCESSABLE_ENTITY, "these items cannot be set aside", detail);
    }
    if let Some(waiting) = waiting(&shared) {
        return waiting;
    }
    let (reply, answer) = oneshot::channel();
    if shared.events.send(Event::SetAside(request.ids, reply)).await.is_err() {
        return stopping();
    }
    let answer = async { answer.await.map(|outcome| outcome.map(|set_aside| SetAsideDone { set_aside })) };
    done(answer).await
}

/// What was done with items of the quarantine, or why it was not.
async fn done<T: Serialize>(answer: impl Future<Output = Result<Result<T, ItemsRefused>, RecvError>>) -> Response {
    match answer.await {
        Ok(Ok(done)) => Json(done).into_response(),
        Ok(Err(ItemsRefused::Unknown(unknown))) => {
            ProblemDetails::response(StatusCode::NOT_FOUND, "no such items", unknown.to_string())
        }
        Ok(Err(ItemsRefused::Failed(why))) => {
            tracing::error!(%why, "a request about quarantined items failed");
            ProblemDetails::response(StatusCode::INTERNAL_SERVER_ERROR, "it failed", "the log of the daemon says why")
        }
        Err(_) => stopping(),
    }
}

/// What a reload that was asked for came to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// What changed, in a sentence.
    pub said: String,
}

/// Takes JSON only, as [`retry`] does.
async fn reload(
    State(shared): State<ServerState>,
    request: Result<Json<ByName<ReloadRequest>>, JsonRejection>,
) -> Response {
    if let Err(refused) = read(request, "{}") {
        return refused.into_response();
    }
    if let Some(waiting) = waiting(&shared) {
        return waiting;
    }
    let (reply, answer) = oneshot::channel();
    if shared.events.send(Event::Reload { asked: true, reply: Some(reply) }).await.is_err() {
        return stopping();
    }
    match answer.await {
        Ok(Ok(said)) => Json(Reloaded { said }).into_response(),
        Ok(Err(why)) => ProblemDetails::response(StatusCode::UNPROCESSABLE_ENTITY, "reload refused", why),
        Err(_) => stopping(),
    }
}

async fn plugins(State(shared): State<ServerState>) -> Response {
    if let Some(waiting) = waiting(&shared) {
        return waiting;
    }
    let (reply, answer) = oneshot::channel();
    if shared.events.send(Event::Plugins(reply)).await.is_err() {
        return stopping();
    }
    answer.await.map_or_else(|_| stopping(), |plugins| Json(plugins).into_response())
}

/// The answer while the pipeline waits for the store, and cannot answer itself.
fn waiting(shared: &ServerState) -> Option<Response> {
    let error = shared.health.store().why()?;
    Some(ProblemDetails::response(StatusCode::SERVICE_UNAVAILABLE, "waiting for the store", error.to_string()))
}

fn stopping() -> Response {
    ProblemDetails::response(
        StatusCode::SERVICE_UNAVAILABLE,
        "stopping",
        "the daemon is stopping: ask again when it is back",
    )
}
