//! One change, and the five thousand open pages that hear of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Bench;
use super::means::database::{Data, Engine};
use super::means::http::Connection;
use super::means::server::Server;
use super::means::statistics::{milliseconds, percentile};
use super::means::visitor::Visitor;
use super::report::{Figure, Unit, count};

/// Pages that listen.
const PAGES: u32 = 5_000;

/// Of those, as many as one session may open.
const PAGES_PER_SESSION: u32 = 20;

/// Changes that are made, one after the other.
const CHANGES: usize = 40;

/// Milliseconds, at the 99th percentile.
const GOAL: f64 = 250.0;

/// How long a page may wait for what it is to hear.
const PATIENCE: Duration = Duration::from_secs(10);

/// The size of the database means nothing here.
const DATA: Data = Data { accounts: 100, partners: 2, activity: 0 };

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let figures = Engine::ALL.map(|engine| {
        let server = bench.server(engine, DATA)?;
        let times = listen_and_change(&server)?;
        let what = format!("{}: from a change until {} pages have heard of it, p99", engine.name(), count(PAGES));
        let of = |percent| Unit::Milliseconds.show(milliseconds(percentile(&times, percent)));
        let detail = format!("p50 {}, the last {}", of(50), of(100));
        Ok(Figure::new(what, milliseconds(percentile(&times, 99)), Unit::Milliseconds).at_most(GOAL).with(detail))
    });
    figures.into_iter().collect()
}

/// From sending each change until each page has heard of it; sorted.
fn listen_and_change(server: &Server) -> Result<Vec<Duration>> {
    let visitor = Visitor::sign_in(server.address)?;
    let number = visitor.account_ids(1)?.into_iter().next().context("there is no account")?;
    let mut connection = Connection::open(server.address)?;
    let mut switch = |on: bool| {
        let fields = [("number", number.as_str()), ("on", if on { "true" } else { "false" })];
        connection.send(&visitor.post("/api/optimise_bandwidth", &fields))?.expect_status(200)
    };
    // Whatever it was, each switch from here on changes something.
    switch(false)?;
    let pages = open_pages(server, &number)?;
    let (tell, told) = channel();
    let (report, reports) = channel();
    let listening = thread::spawn(move || listen(pages, &told, &report));
    // Every page hears first of what was there before it.
    tell.send(Instant::now())?;
    reports.recv_timeout(PATIENCE * 6).context("not every page could listen")?;
    let mut times = Vec::new();
    for change in 0..CHANGES {
        tell.send(Instant::now())?;
        switch(change % 2 == 0)?;
        let heard: Vec<Duration> = reports.recv_timeout(PATIENCE).context("a page has heard nothing")?;
        times.extend(heard);
    }
    drop(tell);
    listening.join().ok().context("listening broke off")??;
    times.sort_unstable();
    Ok(times)
}

/// The pages, of so many people that no session has too many.
fn open_pages(server: &Server, number: &str) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for _ in 0..PAGES / PAGES_PER_SESSION {
        let visitor = Visitor::sign_in(server.address)?;
        for _ in 0..PAGES_PER_SESSION {
            pages.push(Page::open(server.address, &visitor, number)?);
        }
    }
    Ok(pages)
}

/// Waits, for each moment that is told, until every page has heard of something; reports when each did.
fn listen(mut pages: Vec<Page>, told: &Receiver<Instant>, report: &Sender<Vec<Duration>>) -> Result<()> {
    while let Ok(begun) = told.recv() {
        let mut heard = Vec::with_capacity(pages.len());
        let mut waiting: Vec<usize> = (0..pages.len()).collect();
        while !waiting.is_empty() {
            ensure!(begun.elapsed() < PATIENCE, "{} pages have heard nothing", waiting.len());
            let ready: Vec<bool> = {
                let mut polled: Vec<PollFd> =
                    waiting.iter().map(|&page| PollFd::from_borrowed_fd(pages[page].socket(), PollFlags::IN)).collect();
                poll(&mut polled, Some(&Timespec { tv_sec: 1, tv_nsec: 0 }))?;
                polled.iter().map(|polled| !polled.revents().is_empty()).collect()
            };
            let now = begun.elapsed();
            let mut still = Vec::with_capacity(waiting.len());
            for (page, ready) in waiting.into_iter().zip(ready) {
                if ready && pages[page].hears()? { heard.push(now) } else { still.push(page) }
            }
            waiting = still;
        }
        report.send(heard)?;
    }
    Ok(())
}

/// An open page, as far as listening goes.
struct Page {
    stream: TcpStream,
}

impl Page {
    fn open(address: SocketAddr, visitor: &Visitor, number: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let cookie = &visitor.cookie;
        write!(
            stream,
            "GET /events?account={number} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\
             Accept: text/event-stream\r\n\r\n"
        )?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream })
    }

    fn socket(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Whether an event is among what there is to read.
    fn hears(&mut self) -> Result<bool> {
        let mut buffer = [0; 4096];
        let mut text = Vec::new();
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => anyhow::bail!("the server closed a page's connection"),
                Ok(length) => text.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(text.windows(6).any(|bytes| bytes == b"data: "))
    }
}
