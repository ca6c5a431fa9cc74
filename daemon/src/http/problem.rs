//! What an answer says when it is a refusal, as RFC 9457 has it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// A problem as RFC 9457 tells it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProblemDetails {
    /// The kind of problem, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
}

impl ProblemDetails {
    pub(super) fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self { title: title.to_owned(), status: status.as_u16(), detail: detail.into() }
    }

    pub(super) fn response(status: StatusCode, title: &str, detail: impl Into<String>) -> Response {
        Self::new(status, title, detail).into_response()
    }
}

impl IntoResponse for ProblemDetails {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}
