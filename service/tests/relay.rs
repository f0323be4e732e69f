//! How processes on one `PostgreSQL` hear of each other when the network fails.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::{sync::Arc, time::Duration};

use common::{own, partner};
use domain::id::AccountId;
use service::{
    Backend, Settings, Store, StoreOptions,
    clock::Clock,
    integrations,
    live::{Relay, RelayTiming, Topic},
    testing::{NOW, with_postgres},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A way to the database that can be made to swallow everything on the connections that it has.
struct Network {
    address: String,
    cut: Arc<Notify>,
}

impl Network {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let cut = Arc::new(Notify::new());
        let cutting = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut inner, _)) = listener.accept().await {
                let mut outer = TcpStream::connect(&server).await.unwrap();
                let cut = cutting.clone();
                tokio::spawn(async move {
                    let cut = cut.notified();
                    tokio::select! {
                        _ = copy_bidirectional(&mut inner, &mut outer) => {}
                        // Both ends stay open, and nothing reaches either.
                        () = cut => std::future::pending().await,
                    }
                });
            }
        });
        Self { address, cut }
    }

    /// Drops what is sent on the present connections from now on, without a word.
    fn cut(&self) {
        self.cut.notify_waiters();
    }
}

async fn open(url: &str) -> Backend {
    let store = Store::connect(&StoreOptions { url: url.to_owned(), max_connections: 4 }).await.unwrap();
    service::migration::migrate(&store).await.unwrap();
    Backend::new(store, Clock::fixed(NOW), Settings::new(&[7; 32]))
}

#[tokio::test]
async fn a_connection_that_is_dropped_without_a_word_is_noticed_and_replaced() {
    with_postgres(async |url| {
        let (user, rest) = url.rsplit_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let network = Network::to(server.to_owned()).await;
        let one = open(&url).await;
        let other = open(&format!("{user}@{}/{name}", network.address)).await;
        service::demo::seed(&one, &service::demo::Demo { accounts: 10, ..Default::default() }, |_| ()).await.unwrap();
        let timing = RelayTiming {
            probe_interval: Duration::from_millis(50),
            timeout: Duration::from_secs(2),
            retry_delay: Duration::from_millis(50),
        };
        let telling = tokio::spawn(Relay::listen(&one.store).await.unwrap().unwrap().run());
        let hearing = tokio::spawn(Relay::listen_with(&other.store, timing).await.unwrap().unwrap().run());
        let number = own(&one).await;
        let mut heard = other.store.live().listen(Topic::Account(AccountId(1)));
        integrations::optimise_bandwidth(&one, &partner(), number, false).await.unwrap().unwrap();
        heard.changed().await.unwrap();
        heard.borrow_and_update();
        network.cut();
        integrations::optimise_bandwidth(&one, &partner(), number, true).await.unwrap().unwrap();
        // Nobody knows what was missed: every page is told to look.
        heard.changed().await.unwrap();
        assert_eq!(heard.borrow_and_update().record, 0);
        let record = integrations::optimise_bandwidth(&one, &partner(), number, false).await.unwrap().unwrap();
        heard.changed().await.unwrap();
        assert_eq!(heard.borrow_and_update().record, record);
        telling.abort();
        hearing.abort();
    })
    .await;
}
