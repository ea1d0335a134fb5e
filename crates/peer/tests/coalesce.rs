//! Shared requests: everybody gets their own answer, and nobody's trouble becomes another's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use peer::{Coalescer, PeerError};

fn refused() -> PeerError {
    PeerError::Refused {
        peer: "test",
        code: "NO".into(),
        message: "no".into(),
    }
}

fn malformed() -> PeerError {
    PeerError::Malformed {
        peer: "test",
        problem: "what?".into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_their_own_answer_in_requests_of_bounded_size() {
    let (requests, largest) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let coalescer = Coalescer::start("test", 16, {
        let (requests, largest) = (Arc::clone(&requests), Arc::clone(&largest));
        move |items: Vec<u64>| {
            requests.fetch_add(1, Ordering::SeqCst);
            largest.fetch_max(items.len(), Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                Ok(items.into_iter().map(|item| item * item).collect())
            }
        }
    });
    let callers = (0..3_000_u64).map(|item| {
        let coalescer = coalescer.clone();
        tokio::spawn(async move { (item, coalescer.submit(item).await.unwrap()) })
    });
    for answer in join_all(callers).await {
        let (item, square) = answer.unwrap();
        assert_eq!(square, item * item);
    }
    assert!(largest.load(Ordering::SeqCst) <= 16);
    assert!(requests.load(Ordering::SeqCst) < 3_000);
}

#[tokio::test]
async fn an_item_that_is_refused_or_breaks_the_call_does_so_alone() {
    type Outcome = fn() -> Result<Vec<u32>, PeerError>;
    let troubles: [Outcome; 3] = [|| Err(refused()), || Err(malformed()), || panic!("on purpose")];
    for trouble in troubles {
        let coalescer = Coalescer::start("test", 100, move |items: Vec<u32>| async move {
            if items.contains(&13) { trouble() } else { Ok(items) }
        });
        let outcomes = join_all((0..30).map(|item| coalescer.submit(item))).await;
        for (item, outcome) in (0_u32..).zip(&outcomes) {
            match item {
                13 => assert!(outcome.is_err()),
                _ => assert_eq!(outcome.as_ref().unwrap(), &item),
            }
        }
        assert_eq!(coalescer.submit(99).await.unwrap(), 99, "the task goes on");
    }
}

#[tokio::test]
async fn when_nobody_answers_all_of_a_request_learn_it() {
    let requests = Arc::new(AtomicUsize::new(0));
    let coalescer = Coalescer::start("test", 100, {
        let requests = Arc::clone(&requests);
        move |_: Vec<u32>| {
            requests.fetch_add(1, Ordering::SeqCst);
            async {
                Err::<Vec<u32>, _>(PeerError::Unavailable {
                    peer: "test",
                    cause: None,
                })
            }
        }
    });
    let outcomes = join_all((0..30).map(|item| coalescer.submit(item))).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Err(PeerError::Unavailable { .. })))
    );
    assert!(
        requests.load(Ordering::SeqCst) <= 2,
        "a peer that is down is not asked for each item"
    );
}

#[tokio::test]
async fn a_wrong_number_of_answers_is_nobodys_answer() {
    for surplus in [0, 2] {
        let coalescer = Coalescer::start("test", 100, move |items: Vec<u32>| async move {
            let mut answers: Vec<u32> = items.iter().flat_map(|&item| vec![item; surplus]).collect();
            answers.truncate(items.len() * surplus);
            Ok(answers)
        });
        let outcomes = join_all((0..5).map(|item| coalescer.submit(item))).await;
        for outcome in outcomes {
            assert!(matches!(outcome, Err(PeerError::Malformed { .. })), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_item_is_sent_even_when_its_caller_stops_waiting() {
    let seen = Arc::new(AtomicUsize::new(0));
    let coalescer = Coalescer::start("test", 100, {
        let seen = Arc::clone(&seen);
        move |items: Vec<usize>| {
            let seen = Arc::clone(&seen);
            async move {
                seen.fetch_add(items.iter().sum(), Ordering::SeqCst);
                Ok(items)
            }
        }
    });
    let mut impatient = Box::pin(coalescer.submit(1_000));
    assert!(futures::poll!(&mut impatient).is_pending());
    drop(impatient);
    assert_eq!(coalescer.submit(1).await.unwrap(), 1);
    assert_eq!(seen.load(Ordering::SeqCst), 1_001);
}
