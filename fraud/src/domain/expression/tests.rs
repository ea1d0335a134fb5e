use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const FACTS: &[(&str, Type)] = &[
    ("amount", Type::Number),
    ("count_1h", Type::Int),
    ("kind", Type::Text),
    ("is_new_device", Type::Flag),
];

fn compile(text: &str) -> Result<Expression, Problem> {
    Expression::compile(text, FACTS)
}

#[track_caller]
fn check(text: &str, expect: Option<bool>) {
    let facts = [
        Value::Number(9.5),
        Value::Int(7),
        Value::Text("PAYMENT"),
        Value::Flag(true),
    ];
    let expression = compile(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
    assert_eq!(expression.holds(&facts), expect, "{text}");
}

#[test]
fn expressions_say_what_cel_says() {
    check("amount > 9.0", Some(true));
    check("amount > 9", Some(true));
    check("9 < amount && count_1h == 7", Some(true));
    check("count_1h * 2 - 4 >= 10 && count_1h % 2 == 1", Some(true));
    check("double(count_1h) / 2.0 == 3.5", Some(true));
    check("int(amount) == 9 && -count_1h < 0", Some(true));
    check("kind in [\"TRANSFER\", \"PAYMENT\"]", Some(true));
    check("!(kind == \"PAYMENT\") || is_new_device", Some(true));
    check(
        "kind.startsWith(\"PAY\") && kind.endsWith(\"T\") && kind.contains(\"YM\")",
        Some(true),
    );
    check("size(kind) == 7 && kind.size() == 7", Some(true));
    check("(is_new_device ? 1 : 2) == 2", Some(false));
    check("count_1h / 0 == 1", None);
    check("count_1h / 0 == 1 && false", Some(false));
    check("is_new_device || count_1h / 0 == 1", Some(true));
    check("count_1h * 9223372036854775807 > 1", None);
    check("amount / 0.0 > 1.0", None);
}

#[track_caller]
fn refused(text: &str, column: Option<usize>, about: &str) {
    let problem = compile(text).expect_err(text);
    assert_eq!(problem.column, column, "{text}: {}", problem.message);
    assert!(problem.message.contains(about), "{text}: {}", problem.message);
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    refused("amuont > 1.0", Some(1), "is `amount` meant?");
    refused("amount > 1.0 && nothing", Some(17), "there is no fact `nothing`");
    refused("amount", None, "true or false");
    refused("kind > 5", Some(6), "`>` does not take string and int");
    refused("amount + 5 > 1.0", Some(8), "5.0 is a double");
    refused("is_new_device && count_1h", Some(18), "`&&` needs bool, not int");
    refused("[1, 2].exists(x, x == count_1h)", Some(14), "loop");
    refused("kind.matches(\"a+\")", Some(13), "`matches` is no function of rules");
    refused("kind in kind", Some(9), "stands a list");
    refused("amount.rupiah > 1", Some(7), "facts have no fields");
    refused(&"(".repeat(40), Some(25), "parentheses");
    refused(&"!".repeat(900), Some(25), "parentheses");
    refused(
        &format!("count_1h > 1{}", " || count_1h > 1".repeat(70)),
        Some(1_001),
        "at most 1000",
    );
    let column = compile("amount >").expect_err("incomplete").column;
    assert!(column.is_some_and(|column| column >= 8), "{column:?}");
}

#[test]
fn nothing_that_is_typed_brings_the_compiler_down() {
    for text in [
        "",
        " ",
        ")",
        "\u{0}",
        "é > 1",
        "\"",
        "a.b.c.d",
        "1 +",
        "{}",
        "[]",
        "?",
        "true ? true",
        "'\\q'",
    ] {
        assert!(compile(text).is_err(), "{text:?}");
    }
    for part in ["!-", "-!", "(", "[", "!", "a?", "a?b:", "a||", "1-", "!(", "f("] {
        assert!(compile(&part.repeat(CHARS_MAX / part.len())).is_err(), "{part:?}");
    }
}

/// Expressions that have a type, made at random.
fn flags() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("amount".to_owned()),
        (-1_000_i32..1_000).prop_map(|number| format!("{}.5", number)),
    ];
    let int = prop_oneof![
        Just("count_1h".to_owned()),
        (0_i32..50).prop_map(|number| number.to_string())
    ];
    let compared = (
        number.clone(),
        int.clone(),
        prop_oneof![Just(">"), Just("<="), Just("=="), Just("!=")],
    );
    let leaf = prop_oneof![
        Just("is_new_device".to_owned()),
        compared.prop_map(|(number, int, sign)| format!("({number} {sign} double({int} + 3))")),
        int.prop_map(|int| format!("({int} * 7 % 5 < 3)")),
        Just("kind in [\"PAYMENT\", \"MANUAL\"]".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} && {right})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} || !({right}))")),
            (inner.clone(), inner.clone(), inner).prop_map(|(when, then, or)| format!("({when} ? {then} : {or})")),
        ]
    })
}

proptest! {
    /// The library's own interpreter is the oracle.
    #[test]
    fn our_tree_says_what_the_interpreter_of_cel_says(
        text in flags(), amount in -2_000_i32..2_000, count in 0_i64..60, is_new in any::<bool>(),
        kind in prop_oneof![Just("PAYMENT"), Just("TRANSFER")],
    ) {
        let amount = f64::from(amount) / 4.0;
        let facts = [Value::Number(amount), Value::Int(count), Value::Text(kind), Value::Flag(is_new)];
        let ours = compile(&text).map_err(|problem| TestCaseError::fail(problem.message))?.holds(&facts);
        let mut context = cel::Context::default();
        let variables: HashMap<&str, cel::Value> = HashMap::from([
            ("amount", amount.into()), ("count_1h", count.into()), ("kind", kind.into()), ("is_new_device", is_new.into()),
        ]);
        for (name, value) in variables {
            context.add_variable_from_value(name, value);
        }
        let theirs = Program::compile(&text).unwrap().execute(&context);
        prop_assert_eq!(theirs.ok(), ours.map(cel::Value::Bool));
    }
}
