use serde_json::json;

use crate::world::{HOME, PASSWORD, World};

const MINUTE: u64 = 60;

#[tokio::test]
async fn an_account_waits_after_five_failures_also_across_a_restart() {
    let mut world = World::start().await;
    world.register("naruto").await;
    // The answers must not tell whether the account exists.
    for email in ["naruto@gmail.com", "nobody@gmail.com"] {
        for _ in 0..5 {
            assert_eq!(world.login(email, "wrong password").await.code(), "UNAUTHENTICATED");
        }
        let refused = world.login(email, PASSWORD).await;
        assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 60), "{email}");
    }
    world.restart().await;
    let computed = world.auth().passwords_computed();
    let refused = world.login_from("198.51.100.9", "NARUTO@gmail.com", PASSWORD).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 60));
    assert_eq!(
        world.auth().passwords_computed(),
        computed,
        "who has to wait costs no hash"
    );

    // The next wait is longer.
    world.pass(MINUTE);
    assert_eq!(
        world.login("naruto@gmail.com", "wrong password").await.code(),
        "UNAUTHENTICATED"
    );
    let refused = world.login("naruto@gmail.com", PASSWORD).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 120));
    world.pass(2 * MINUTE);
    world.login("naruto@gmail.com", PASSWORD).await.data();
    // A success forgets all that.
    for _ in 0..4 {
        assert_eq!(
            world.login("naruto@gmail.com", "wrong password").await.code(),
            "UNAUTHENTICATED"
        );
    }
    world.login("naruto@gmail.com", PASSWORD).await.data();
}

#[tokio::test]
async fn guesses_of_the_current_password_count_as_well() {
    let world = World::start().await;
    world.register("naruto").await;
    let (access, _) = world.session("naruto").await;
    let guess = || {
        world.ask(
            Some(&access),
            "mutation { changePassword(currentPassword: \"a wild guess\", newPassword: \"something else\") }",
            json!({}),
        )
    };
    for _ in 0..5 {
        assert_eq!(guess().await.code(), "BAD_USER_INPUT");
    }
    assert_eq!(guess().await.code(), "RATE_LIMITED");
    assert_eq!(world.login("naruto@gmail.com", PASSWORD).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn an_address_waits_after_fifty_failures_and_others_do_not() {
    let world = World::start().await;
    world.register("naruto").await;
    for number in 0..50 {
        let answer = world.login(&format!("guess{number}@gmail.com"), "wrong password").await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
    }
    let refused = world.login("naruto@gmail.com", PASSWORD).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 15 * 60));
    world
        .login_from("198.51.100.9", "naruto@gmail.com", PASSWORD)
        .await
        .data();
    world.pass(15 * MINUTE);
    world.login("naruto@gmail.com", PASSWORD).await.data();
}

#[tokio::test]
async fn registrations_of_one_address_are_limited() {
    let world = World::start().await;
    for number in 0..60 {
        // Names that are taken count too: otherwise they could be tried out.
        let answer = world
            .try_register("naruto", &format!("n{}@gmail.com", number / 2))
            .await;
        assert!(number == 0 || answer.code() == "CONFLICT");
    }
    let refused = world.try_register("sasuke", "sasuke@gmail.com").await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 3_600));
    let elsewhere = world
        .ask_from(
            "2001:db8::1",
            None,
            "mutation { registerUser(username: \"itachi\", fullname: \"I\", email: \"i@x.id\", password: \"tsukuyomi-72h\") }",
            json!({}),
        )
        .await;
    elsewhere.data();
    world.pass(60 * MINUTE);
    world.register("sasuke").await;
}

#[tokio::test]
async fn parallel_guesses_are_counted_one_by_one() {
    let world = World::start().await;
    world.register("naruto").await;
    let before = world.auth().passwords_computed();
    let guesses = (0..20).map(|_| world.login_from(HOME, "naruto@gmail.com", "wrong password"));
    let codes: Vec<String> = join_all(guesses)
        .await
        .iter()
        .map(|answer| answer.code().to_owned())
        .collect();
    let count = |code: &str| codes.iter().filter(|found| *found == code).count();
    assert_eq!((count("UNAUTHENTICATED"), count("RATE_LIMITED")), (5, 15));
    assert_eq!(world.auth().passwords_computed() - before, 5);
}

#[tokio::test]
async fn switched_off_nothing_is_limited() {
    let world = World::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    world.register("naruto").await;
    for _ in 0..8 {
        assert_eq!(
            world.login("naruto@gmail.com", "wrong password").await.code(),
            "UNAUTHENTICATED"
        );
    }
    world.login("naruto@gmail.com", PASSWORD).await.data();
}

/// Polls all at once, in one task.
pub async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *output = Some(value);
            }
        }
        if futures.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    futures.into_iter().filter_map(|(_, output)| output).collect()
}
