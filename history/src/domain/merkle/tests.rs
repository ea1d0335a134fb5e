//! Against the vectors that implementations of RFC 6962 share, and against the definitions of the RFC, word by word.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{LazyLock, Mutex, PoisonError};

use proptest::prelude::*;

use super::*;

/// The eight leaves of the classic example.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// The roots of its first 1 to 8 leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A tree in memory, grown as the stored one is.
#[derive(Default)]
struct Tree {
    leaves: Vec<Hash>,
    nodes: HashMap<Node, Hash>,
    /// Read since it was last looked at.
    reads: std::cell::Cell<u32>,
}

impl Tree {
    fn of(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut tree = Self::default();
        for hash in leaves {
            let leaf = tree.leaves.len() as u64;
            let hashes = complete(leaf, hash, |node| tree.read(node)).unwrap();
            assert_eq!(hashes.len(), completed_by(leaf) as usize);
            for (level, hash) in (0..).zip(hashes) {
                let node = Node {
                    level,
                    position: leaf >> level,
                };
                assert_eq!(node.last_leaf(), leaf);
                tree.nodes.insert(node, hash);
            }
            tree.leaves.push(hash);
        }
        tree
    }

    fn numbered(size: u64) -> Self {
        Self::of((0..size).map(|number| leaf_hash(&number.to_be_bytes())))
    }

    fn read(&self, node: Node) -> Result<Hash, Infallible> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.nodes[&node])
    }

    fn root(&self, size: u64) -> Hash {
        root(size, |node| self.read(node)).unwrap()
    }

    fn inclusion(&self, leaf: u64, size: u64) -> Vec<Hash> {
        inclusion_path(leaf, size, |node| self.read(node)).unwrap()
    }

    fn consistency(&self, from: u64, to: u64) -> Vec<Hash> {
        consistency_path(from, to, |node| self.read(node)).unwrap()
    }

    fn grown(&self, from: u64, to: u64) -> Grown {
        Grown {
            from,
            from_root: self.root(from),
            to,
            to_root: self.root(to),
        }
    }
}

/// The definitions of RFC 6962, section 2.1, over a range of leaves. Roots are kept, because they come again and again.
struct Rfc<'a> {
    leaves: &'a [Hash],
    roots: HashMap<(usize, usize), Hash>,
}

impl Rfc<'_> {
    /// MTH.
    fn mth(&mut self, start: usize, end: usize) -> Hash {
        if let Some(root) = self.roots.get(&(start, end)) {
            return *root;
        }
        let root = match end - start {
            0 => Sha256::digest([]).into(),
            1 => self.leaves[start],
            length => {
                let middle = start + length.next_power_of_two() / 2;
                node_hash(&self.mth(start, middle), &self.mth(middle, end))
            }
        };
        self.roots.insert((start, end), root);
        root
    }

    /// PATH, section 2.1.1.
    fn path(&mut self, leaf: usize, start: usize, end: usize) -> Vec<Hash> {
        if end - start <= 1 {
            return Vec::new();
        }
        let middle = start + (end - start).next_power_of_two() / 2;
        if leaf < middle {
            [self.path(leaf, start, middle), vec![self.mth(middle, end)]].concat()
        } else {
            [self.path(leaf, middle, end), vec![self.mth(start, middle)]].concat()
        }
    }

    /// SUBPROOF, section 2.1.2.
    fn subproof(&mut self, from: usize, start: usize, end: usize, whole: bool) -> Vec<Hash> {
        if from == end {
            return if whole { Vec::new() } else { vec![self.mth(start, end)] };
        }
        let middle = start + (end - start).next_power_of_two() / 2;
        if from <= middle {
            [self.subproof(from, start, middle, whole), vec![self.mth(middle, end)]].concat()
        } else {
            [self.subproof(from, middle, end, false), vec![self.mth(start, middle)]].concat()
        }
    }
}

#[test]
fn the_roots_of_the_classic_example() {
    let tree = Tree::of(LEAVES.map(|leaf| leaf_hash(&unhex(leaf))));
    for (size, expect) in (1..).zip(ROOTS) {
        assert_eq!(hex(&tree.root(size)), expect, "{size}");
    }
    assert_eq!(
        hex(&Tree::default().root(0)),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn the_proofs_of_the_classic_example() {
    let tree = Tree::of(LEAVES.map(|leaf| leaf_hash(&unhex(leaf))));
    #[track_caller]
    fn check(path: &[Hash], expect: &[&str]) {
        assert_eq!(path.iter().map(hex).collect::<Vec<_>>(), expect);
    }
    check(&tree.inclusion(0, 1), &[]);
    check(
        &tree.inclusion(0, 8),
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    );
    check(
        &tree.inclusion(5, 8),
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    );
    check(
        &tree.inclusion(2, 3),
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    );
    check(&tree.consistency(1, 1), &[]);
    check(
        &tree.consistency(1, 8),
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    );
    check(
        &tree.consistency(6, 8),
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    );
    check(
        &tree.consistency(2, 5),
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    );
}

/// Every size up to 140 and every leaf and every earlier size of it, against the definitions; each proof holds, and
/// none of another leaf does.
#[test]
fn all_proofs_of_all_small_trees() {
    const SIZE: u64 = 140;
    let tree = Tree::numbered(SIZE);
    let mut rfc = Rfc {
        leaves: &tree.leaves,
        roots: HashMap::new(),
    };
    for size in 1..=SIZE {
        let root = tree.root(size);
        assert_eq!(root, rfc.mth(0, size as usize), "{size}");
        for leaf in 0..size {
            let proof = tree.inclusion(leaf, size);
            assert_eq!(proof, rfc.path(leaf as usize, 0, size as usize), "{leaf} of {size}");
            let hash = tree.leaves[leaf as usize];
            assert!(verify_inclusion(hash, leaf, size, &proof, &root), "{leaf} of {size}");
            assert!(
                !verify_inclusion(hash, leaf ^ 1, size, &proof, &root),
                "{leaf} of {size}"
            );
            let proof = tree.consistency(leaf + 1, size);
            let defined = rfc.subproof(leaf as usize + 1, 0, size as usize, true);
            assert_eq!(proof, defined, "{} to {size}", leaf + 1);
            assert!(
                verify_consistency(&tree.grown(leaf + 1, size), &proof),
                "{} to {size}",
                leaf + 1
            );
        }
    }
}

#[test]
fn a_proof_reads_few_nodes() {
    let tree = Tree::numbered(5_000);
    for size in [4_095, 4_096, 4_097, 5_000] {
        for leaf in [0, 1, 2_047, 4_094] {
            tree.reads.set(0);
            tree.inclusion(leaf, size);
            tree.consistency(leaf + 1, size);
            assert!(
                tree.reads.get() <= 2 * 2 * 13,
                "{} for {leaf} of {size}",
                tree.reads.get()
            );
        }
    }
}

proptest! {
    /// Whatever is changed in a proof, a leaf, an index, a size or a root, it does not hold any more.
    #[test]
    fn a_changed_proof_does_not_hold(
        (size, leaf, from) in (2..400_u64).prop_flat_map(|size| (Just(size), 0..size, 1..size)),
        (byte, bit, which) in (0..32_usize, 0..8_u32, any::<prop::sample::Index>()),
    ) {
        static TREE: LazyLock<Mutex<Tree>> = LazyLock::new(|| Mutex::new(Tree::numbered(400)));
        let tree = TREE.lock().unwrap_or_else(PoisonError::into_inner);
        let flip = |hash: &mut Hash| hash[byte] ^= 1 << bit;
        let root = tree.root(size);
        let hash = tree.leaves[leaf as usize];
        let proof = tree.inclusion(leaf, size);
        prop_assert!(verify_inclusion(hash, leaf, size, &proof, &root));
        let mut changed = proof.clone();
        flip(&mut changed[which.index(proof.len())]);
        prop_assert!(!verify_inclusion(hash, leaf, size, &changed, &root));
        let mut other = hash;
        flip(&mut other);
        prop_assert!(!verify_inclusion(other, leaf, size, &proof, &root));
        let mut other = root;
        flip(&mut other);
        prop_assert!(!verify_inclusion(hash, leaf, size, &proof, &other));
        prop_assert!(!verify_inclusion(hash, leaf, size, &proof[1..], &root));
        prop_assert!(!verify_inclusion(hash, leaf, size, &[proof.as_slice(), &[root]].concat(), &root));

        let grown = tree.grown(from, size);
        let proof = tree.consistency(from, size);
        prop_assert!(verify_consistency(&grown, &proof));
        let mut changed = proof.clone();
        flip(&mut changed[which.index(proof.len())]);
        prop_assert!(!verify_consistency(&grown, &changed));
        let mut other = grown;
        flip(&mut other.from_root);
        prop_assert!(!verify_consistency(&other, &proof));
        let mut other = grown;
        flip(&mut other.to_root);
        prop_assert!(!verify_consistency(&other, &proof));
        prop_assert!(!verify_consistency(&grown, &proof[1..]));
        prop_assert!(!verify_consistency(&grown, &[proof.as_slice(), &[root]].concat()));
    }
}
