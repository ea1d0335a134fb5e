# syntax=docker/dockerfile:1
# One image for every service: `sawit serve <service>` says which one a container is.

FROM rust:1.95-slim-bookworm AS build
# The slim image comes with gcc, which is all that SQLite and aws-lc need beyond Rust.
WORKDIR /src
COPY . .
# The caches stay on the builder, so that a changed line does not build the world again.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin sawit \
    && cp target/dist/sawit /sawit \
    && mkdir -p /skeleton/data /skeleton/keys

FROM debian:bookworm-slim
# By which merchants' https:// addresses are checked.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /sawit /usr/local/bin/sawit
# A fresh named volume takes owner and mode from the folder that it is mounted on.
COPY --from=build --chown=10001:10001 --chmod=0700 /skeleton/ /var/lib/sawit/
ENV SAWIT_HOST=0.0.0.0 \
    SAWIT_DATA_DIR=/var/lib/sawit/data \
    SAWIT_KEYS_DIR=/var/lib/sawit/keys
USER 10001:10001
WORKDIR /var/lib/sawit
EXPOSE 8000-8005
ENTRYPOINT ["sawit"]
CMD ["up"]
