use crate::limits::join_all;
use crate::world::{World, tokens};

#[tokio::test]
async fn of_many_that_register_one_name_at_once_one_wins() {
    let world = World::start().await;
    let attempts = (0..16).map(|number| {
        let case = if number % 2 == 0 { "naruto" } else { "NARUTO" };
        let email = if number % 3 == 0 {
            "n@x.id".to_owned()
        } else {
            format!("n{number}@x.id")
        };
        let world = &world;
        async move { world.try_register(case, &email).await }
    });
    let answers = join_all(attempts).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.body.get("errors").is_none());
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!(answer.code(), "CONFLICT");
        assert!(answer.message().ends_with("is taken"), "{}", answer.message());
    }
}

#[tokio::test]
async fn of_many_that_use_one_refresh_token_at_once_at_most_one_wins_and_the_session_ends() {
    let world = World::start().await;
    world.register("naruto").await;
    let (_, refresh) = world.session("naruto").await;
    let answers = join_all((0..8).map(|_| world.refresh(&refresh))).await;
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.body.get("errors").is_none())
        .collect();
    assert_eq!(won.len(), 1);
    // Two had the token, so nobody keeps the session.
    let (_, next) = tokens(won[0], "refreshSession");
    assert_eq!(world.refresh(&next).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn many_may_log_in_to_one_account_at_once() {
    let world = World::start().await;
    world.register("naruto").await;
    for (access, refresh) in join_all((0..12).map(|_| world.session("naruto"))).await {
        world.profile(&access).await.data();
        world.refresh(&refresh).await.data();
    }
}
