# Short names for what is typed often. `just --list` shows them.

# The main job, on the bundled figures
demo:
    cargo run -- demo

# What should be clean before every commit: format, lints, docs
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps

# All tests, or those whose name holds a word
test *WORD:
    cargo test --workspace {{WORD}}

# Look at changed snapshots one by one (needs cargo-insta)
snap:
    cargo insta test --workspace --review

# Licences, sources and twins of what we depend on (needs cargo-deny)
deny:
    cargo deny check bans licenses sources

# Real mail through a private Postfix (needs root, postfix, sasl2-bin, openssl, jq)
mail:
    cargo build
    tests/checks/postfix.sh

# The program as operators install it: builds about four times as long
release:
    cargo build --release

# Twenty thousand damaged workbooks through the reader (1,000 are part of the tests)
mutants MANY="20000" SEED="1":
    QUARTERDECK_MUTANTS={{MANY}} QUARTERDECK_MUTANTS_SEED={{SEED}} cargo test -p cli --test house mutants:: -- --nocapture

# Everything CI does
ci:
    .ci/run
