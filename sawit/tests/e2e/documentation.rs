//! What the documentation promises by existing, and what the workspace promises by its shape.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use service::ErrorCode;
use transactions::domain::FailureCode;

const SERVICES: [&str; 6] = ["gateway", "auth", "wallet", "transactions", "fraud", "history"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_public_code_has_a_page_and_every_page_a_code() {
    let codes: BTreeSet<String> = ErrorCode::ALL
        .iter()
        .map(|code| code.as_str())
        .chain(FailureCode::ALL.iter().map(|code| code.as_str()))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        codes.len(),
        ErrorCode::ALL.len() + FailureCode::ALL.len(),
        "a code stands for two things"
    );
    let folder = root().join("docs/errors");
    let index = std::fs::read_to_string(folder.join("README.md")).expect("the index is there");
    let files = std::fs::read_dir(&folder).expect("the folder is there");
    let pages: BTreeSet<String> = files
        .map(|entry| entry.expect("it can be read").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, codes);
    for code in &codes {
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).expect("it was listed");
        assert!(
            page.starts_with(&format!("# {code}\n")),
            "{code}.md begins with its name"
        );
        assert!(
            page.contains("**Money:**") || page.contains("money"),
            "{code}.md says what happened to the money"
        );
        assert!(page.contains("**What to do:**"), "{code}.md says what to do");
        assert!(
            index.contains(&format!("[{code}]({code}.md)")),
            "{code} is not in the index"
        );
    }
}

/// Direct dependencies (development ones aside) within the workspace, by package.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let name_of = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            let linked =
                dependencies.filter(|dependency| dependency["kind"] != "dev" && dependency["path"].is_string());
            (name_of(package), linked.map(name_of).collect())
        })
        .collect()
}

#[test]
fn dependencies_run_one_way() {
    let dependencies = dependencies();
    let reaches = |from: &str| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(name) = next.pop() {
            for dependency in dependencies.get(&name).into_iter().flatten() {
                if reached.insert(dependency.clone()) {
                    next.push(dependency.clone());
                }
            }
        }
        reached
    };
    for service in SERVICES {
        let reached = reaches(service);
        assert!(!reached.is_empty(), "{service} is not in the workspace");
        for other in SERVICES.into_iter().filter(|other| *other != service) {
            assert!(
                !reached.contains(other),
                "{service} depends on {other}; they know each other by SDL alone"
            );
        }
        for above in ["sawit", "bench", "blackdoctrine", "testkit"] {
            assert!(!reached.contains(above), "{service} depends on {above}");
        }
    }
    // A merchant shares nothing with the provider.
    assert_eq!(reaches("blackdoctrine"), BTreeSet::new());
    let members = dependencies
        .keys()
        .filter(|name| root().join("crates").join(name).is_dir());
    for shared in members {
        for service in SERVICES {
            assert!(
                !reaches(shared).contains(service),
                "what is shared ({shared}) depends on {service}"
            );
        }
    }
}

#[test]
fn every_setting_is_documented() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap_or_default();
    let folder = std::fs::read_dir(root().join("docs")).expect("there is documentation");
    let pages = folder.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
    let text: String = std::iter::once(readme).chain(pages).collect();
    let services = SERVICES
        .iter()
        .filter(|name| **name != "gateway")
        .map(|name| name.to_uppercase());
    let families: Vec<String> = services
        .flat_map(|name| [format!("SAWIT_{name}_PORT"), format!("SAWIT_{name}_URL")])
        .collect();
    for setting in service::settings::SETTINGS {
        // Ports and addresses of the services may be named as a family.
        let is_family = families.iter().any(|name| name == setting.env) || setting.env.starts_with("SAWIT_FRAUD_");
        assert!(is_family || text.contains(setting.env), "{} is in no page", setting.env);
    }
}
