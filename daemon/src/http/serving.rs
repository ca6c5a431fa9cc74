//! Connections: how many there are at once, how long each may take to say what it wants, and how they end.

use super::{router, shared::ServerState};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use socket2::SockRef;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore, time};

/// Connections at once; whoever comes later waits until one ends.
const MAX_CONNECTIONS: usize = 128;
/// How long the head of a request may take to arrive, and how long a connection may stay open without one.
const MAX_HEAD_WAIT: Duration = Duration::from_secs(10);
/// How long a client may take nothing of its answer.
const MAX_UNREAD_TIME: Duration = Duration::from_secs(10);
/// How long a stop waits for answers that are under way: nobody who has sent half a request holds it up for longer.
const MAX_DRAIN_TIME: Duration = Duration::from_millis(500);
/// How long to wait when no connection can be accepted, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Serves until `stop` resolves.
pub(crate) async fn serve(listener: TcpListener, shared: ServerState, stop: impl Future<Output = ()> + Send + 'static) {
    let service = TowerToHyperService::new(router(shared));
    let mut http1 = http1::Builder::new();
    http1.timer(TokioTimer::new()).header_read_timeout(MAX_HEAD_WAIT);
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accept = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accept => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Where the system cannot, a client that never reads keeps its permit for as long as it lives.
                let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(MAX_UNREAD_TIME));
                let connection = open.watch(http1.serve_connection(TokioIo::new(stream), service.clone()));
                tokio::spawn(async move {
                    // A connection that breaks is its client's affair: whoever wanted an answer asks again.
                    let _ = connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted: raise LimitNOFILE if this goes on");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    // What has not ended by then is cut off with the runtime.
    let _ = time::timeout(MAX_DRAIN_TIME, open.shutdown()).await;
}
