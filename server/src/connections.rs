//! Connections of clients: accepted, served by HTTP/1.1 within limits, and ended in order.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, serve::Listener};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long a connection may stay open without the head of a request: at its beginning, within a head, and
/// between two requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes of a request's line and headers.
const MAX_HEADER_SIZE: usize = 32 * 1024;

/// The most bytes read ahead on a connection. It has to hold a head.
const MAX_BUFFER_SIZE: usize = 64 * 1024;

/// How long requests that are under way have to end once the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Serves `router` on `listener` until `stop` is cancelled, and lets requests that are under way end.
pub(crate) async fn serve(mut listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    while let Some((stream, client)) = stop.run_until_cancelled(Listener::accept(&mut listener)).await {
        // A small answer is sent at once; that it cannot be set is no reason not to serve.
        let _ = stream.set_nodelay(true);
        connections.spawn(serve_one(stream, client, router.clone(), stop.clone()));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Serves one connection until its client or the server ends it.
async fn serve_one<S>(stream: S, client: SocketAddr, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_header_size(MAX_HEADER_SIZE)
        .max_buf_size(MAX_BUFFER_SIZE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = stop.run_until_cancelled(connection.as_mut()).await;
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        task::JoinHandle,
        time::Instant,
    };

    use super::*;

    /// A connection to a server of one page, and its end.
    fn connect(stop: &CancellationToken) -> (DuplexStream, JoinHandle<()>) {
        let router = Router::new().route("/", get(|| async { "hello" }));
        let (near, far) = duplex(1024);
        let serving = tokio::spawn(serve_one(far, SocketAddr::from(([127, 0, 0, 1], 1)), router, stop.clone()));
        (near, serving)
    }

    async fn rest(mut client: DuplexStream) -> String {
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_no_request_comes_is_closed() {
        for beginning in ["", "GET / HTTP/1.1\r\nHost: loc", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
            let (mut client, serving) = connect(&CancellationToken::new());
            client.write_all(beginning.as_bytes()).await.unwrap();
            let begun = Instant::now();
            rest(client).await;
            serving.await.unwrap();
            assert!(begun.elapsed() <= HEADER_TIMEOUT + Duration::from_secs(1), "{beginning:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_is_too_large_is_refused() {
        for head in [
            format!("{} / HTTP/1.1\r\n\r\n", "A".repeat(200_000)),
            format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(200_000)),
        ] {
            let (client, serving) = connect(&CancellationToken::new());
            let (mut reading, mut writing) = tokio::io::split(client);
            let written = tokio::spawn(async move { writing.write_all(head.as_bytes()).await.is_ok() });
            let mut answer = String::new();
            let _ = reading.read_to_string(&mut answer).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
            serving.await.unwrap();
            drop((reading, written));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed_at_once_when_the_server_stops() {
        let stop = CancellationToken::new();
        let (mut client, serving) = connect(&stop);
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 15];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 200 OK");
        let begun = Instant::now();
        stop.cancel();
        serving.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
