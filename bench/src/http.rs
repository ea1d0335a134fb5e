//! An HTTP/1.1 client that costs little, so that the generator does not measure itself.

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, one request at a time.
pub struct Connection {
    stream: TcpStream,
    head: String,
    buffer: Vec<u8>,
    out: Vec<u8>,
}

impl Connection {
    /// Connects, and keeps what every request of this client begins with.
    pub async fn open(port: u16, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let authorization = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\naccept: application/json\r\n{authorization}content-length: "
        );
        Ok(Self {
            stream,
            head,
            buffer: Vec::with_capacity(4096),
            out: Vec::with_capacity(2048),
        })
    }

    /// Sends a body and answers with the response's body.
    pub async fn post(&mut self, body: &str) -> Result<&[u8]> {
        self.out.clear();
        self.out.extend_from_slice(self.head.as_bytes());
        self.out.extend_from_slice(body.len().to_string().as_bytes());
        self.out.extend_from_slice(b"\r\n\r\n");
        self.out.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.out).await?;
        self.buffer.clear();
        loop {
            if let Some(range) = body_range(&self.buffer)? {
                return Ok(&self.buffer[range]);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the provider closed the connection");
            }
        }
    }
}

/// Where the body stands, once all of it has arrived.
fn body_range(buffer: &[u8]) -> Result<Option<std::ops::Range<usize>>> {
    let Some(end_of_head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end_of_head])?;
    let length = head
        .lines()
        .find_map(|line| {
            line.split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        })
        .context("an answer without content-length")?;
    let (start, length) = (end_of_head + 4, length.1.trim().parse::<usize>()?);
    Ok((buffer.len() >= start + length).then_some(start..start + length))
}
