//! A marketplace that knows every bill and costs next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What every bill is over.
pub const BILL_AMOUNT: u32 = 1_000;

/// The marketplace, and what it was told.
pub struct Marketplace {
    port: u16,
    told: Arc<Told>,
}

/// Payments that the marketplace was told of.
#[derive(Default)]
struct Told {
    mutations: AtomicU64,
    webhooks: AtomicU64,
}

impl Marketplace {
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let told = Arc::new(Told::default());
        tokio::spawn({
            let told = Arc::clone(&told);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&told)));
                }
            }
        });
        Ok(Self { port, told })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many payments it was told of, by mutation and by webhook.
    pub fn told(&self) -> (u64, u64) {
        (
            self.told.mutations.load(Ordering::Relaxed),
            self.told.webhooks.load(Ordering::Relaxed),
        )
    }
}

async fn serve(mut stream: TcpStream, told: Arc<Told>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    loop {
        let Some((head_end, total)) = request_end(&buffer) else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let answer = {
            let body = std::str::from_utf8(&buffer[head_end..total])?;
            if buffer.starts_with(b"POST /webhook") {
                told.webhooks.fetch_add(1, Ordering::Relaxed);
                "{}".to_owned()
            } else {
                answer_graphql(body, &told)
            }
        };
        buffer.drain(..total);
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(response.as_bytes()).await?;
    }
}

/// Where head and body of a request end, once it has arrived.
fn request_end(buffer: &[u8]) -> Option<(usize, usize)> {
    let head_end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..head_end]).ok()?;
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        })
        .and_then(|(_, value)| value.trim().parse().ok())?;
    (buffer.len() >= head_end + length).then_some((head_end, head_end + length))
}

/// One field per bill or payment in the document, aliased as the provider aliases them.
fn answer_graphql(body: &str, told: &Told) -> String {
    let bills = body.matches("getOrderByVA").count();
    if bills > 0 {
        let bill = format!(
            "{{\"id\":\"1\",\"totalHarga\":{BILL_AMOUNT},\"status\":\"PENDING\",\"paymentStatus\":\"UNPAID\"}}"
        );
        let alias = |index: usize| {
            if body.contains("b0:") {
                format!("b{index}")
            } else {
                "getOrderByVA".to_owned()
            }
        };
        let fields: Vec<String> = (0..bills).map(|index| format!("\"{}\":{bill}", alias(index))).collect();
        return format!("{{\"data\":{{{}}}}}", fields.join(","));
    }
    let payments = body.matches("updatePaymentStatus").count();
    told.mutations.fetch_add(payments as u64, Ordering::Relaxed);
    let fields: Vec<String> = (0..payments).map(|index| format!("\"n{index}\":true")).collect();
    format!("{{\"data\":{{{}}}}}", fields.join(","))
}
