//! How long a request may take, counted from the last piece of its body that arrived.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
    middleware::Next,
    response::IntoResponse,
};
use futures_util::TryStreamExt;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// How long the server waits for more of a body, and works on an answer once it has all of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request may take in all, however steadily its body arrives.
const TOTAL_TIMEOUT: Duration = Duration::from_mins(10);

/// Gives up on a request on which nothing happens any more.
pub(crate) async fn give_up(request: Request, next: Next) -> Response<Body> {
    let begun = Instant::now();
    let (progress, last) = watch::channel(begun);
    let request = request.map(|body| {
        let pieces = body.into_data_stream().inspect_ok(move |_| {
            progress.send_replace(Instant::now());
        });
        Body::from_stream(pieces)
    });
    tokio::select! {
        response = next.run(request) => response,
        () = stalled(last, begun + TOTAL_TIMEOUT) => {
            tracing::warn!("gave up on a request that took too long");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Waits until nothing has arrived for the time allowed, or the whole time is over.
async fn stalled(last: watch::Receiver<Instant>, end: Instant) {
    loop {
        let deadline = end.min(*last.borrow() + TIMEOUT);
        sleep_until(deadline).await;
        if deadline == end || *last.borrow() + TIMEOUT <= Instant::now() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use axum::{Router, body::to_bytes, middleware, routing::post};
    use futures_util::stream;
    use tower::ServiceExt;

    use super::*;

    /// The status and duration of a request whose body comes in `pieces` pieces, one every `interval`.
    async fn upload(pieces: u32, interval: Duration) -> (StatusCode, Duration) {
        let read = |request: Request| async move {
            to_bytes(request.into_body(), usize::MAX).await.map_or(StatusCode::BAD_REQUEST, |_| StatusCode::OK)
        };
        let router = Router::new().route("/", post(read)).layer(middleware::from_fn(give_up));
        let body = stream::unfold(0, move |sent| async move {
            tokio::time::sleep(interval).await;
            (sent < pieces).then_some((Ok::<_, std::io::Error>("piece"), sent + 1))
        });
        let begun = Instant::now();
        let request = Request::post("/").body(Body::from_stream(body)).unwrap();
        let response = router.oneshot(request).await.unwrap();
        (response.status(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_upload_passes_as_long_as_it_goes_on() {
        assert_eq!(upload(40, Duration::from_secs(5)).await.0, StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_stands_still_or_never_ends_is_given_up() {
        let (status, took) = upload(2, Duration::from_mins(2)).await;
        assert_eq!((status, took.as_secs()), (StatusCode::SERVICE_UNAVAILABLE, TIMEOUT.as_secs()));
        let (status, took) = upload(u32::MAX, Duration::from_secs(20)).await;
        assert_eq!((status, took.as_secs()), (StatusCode::SERVICE_UNAVAILABLE, TOTAL_TIMEOUT.as_secs()));
    }
}
