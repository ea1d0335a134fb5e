#!/usr/bin/env python3
"""Verifies a Sawit receipt, or the code of one, with nothing but Python's standard library.

    python3 verify_receipt.py receipt.json 'sawit/history+1a2b3c4d+AR…='
    python3 verify_receipt.py 'https://…/verify#SRC1:…' 'sawit/history+1a2b3c4d+AR…='

docs/receipts.md describes the format. The Ed25519 part is that of RFC 8032, written to be read, not to be fast; with
the package `cryptography` it is one line (see there).
"""

import base64
import datetime
import hashlib
import json
import struct
import sys


class Refused(Exception):
    pass


def need(condition, problem):
    if not condition:
        raise Refused(problem)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- Ed25519 (RFC 8032) ------------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need((x * x - xx) % P == 0 and y < P and not (x == 0 and sign), "no point of the curve")
    return P - x if x & 1 != sign else x


def decompress(data):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = recover_x(y, sign)
    return (x, y, 1, x * y % P)


def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- The checkpoint -----------------------------------------------------------------------------------------------------


def read_key(text):
    name, key_id, encoded = text.strip().split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    need(key[:1] == b"\x01" and len(key) == 33, "no Ed25519 key")
    need(sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "the key's id does not belong to it")
    return name, key_id, key[1:]


def read_checkpoint(note, key):
    name, key_id, public = key
    body, signatures = note.split("\n\n", 1)
    body += "\n"
    for line in signatures.splitlines():
        dash, signer, encoded = line.split(" ")
        signed = base64.b64decode(encoded, validate=True)
        if dash == "—" and signer == name and signed[:4].hex() == key_id:
            need(ed25519_holds(public, body.encode(), signed[4:]), "the checkpoint's signature does not hold")
            _origin, size, root, time = body.splitlines()
            return int(size), base64.b64decode(root, validate=True), time.removeprefix("time ")
    raise Refused("the key has not signed this checkpoint")


# --- The entry and its proof --------------------------------------------------------------------------------------------

FIELDS = [
    ("sequence", "integer"), ("historyId", "text"), ("entryKey", "text"), ("transactionId", "text"),
    ("userId", "text"), ("amountMinor", "integer"), ("currency", "text"), ("type", "text"), ("status", "text"),
    ("vaNumber", "optional"), ("direction", "text"), ("walletId", "optional"), ("counterparty", "optional"),
    ("failureCode", "optional"), ("occurredAt", "integer"), ("recordedAt", "integer"),
]  # fmt: skip


def read_entry(data):
    need(data[0] == 1, "entries of another version")
    at, entry = 1, {}
    for name, kind in FIELDS:
        if kind == "optional":
            at += 1
            if data[at - 1] == 0:
                entry[name] = None
                continue
            need(data[at - 1] == 1, "no canonical bytes")
        if kind == "integer":
            (entry[name],) = struct.unpack_from(">q", data, at)
            at += 8
        else:
            (length,) = struct.unpack_from(">I", data, at)
            entry[name] = data[at + 4 : at + 4 + length].decode()
            at += 4 + length
    need(at == len(data), "no canonical bytes")
    return entry


def root_of(leaf, index, size, path):
    """RFC 9162, 2.1.3.2."""
    need(0 <= index < size, "no leaf of the tree")
    position, last, reached = index, size - 1, leaf
    for sibling in path:
        need(last > 0, "the path is too long")
        if position & 1 or position == last:
            reached = sha256(b"\x01" + sibling + reached)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            reached = sha256(b"\x01" + reached + sibling)
        position, last = position >> 1, last >> 1
    need(last == 0, "the path is too short")
    return reached


DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/+.:"


def receipt_of(code):
    """The receipt that a code (sawit-receipt-code/1) stands for."""
    need(code.startswith("SRC1:"), "neither the JSON nor the code of a receipt")
    data = b""
    for at in range(5, len(code), 3):
        digits = code[at : at + 3]
        need(len(digits) > 1, "the code is not complete")
        number = sum(DIGITS.index(digit) * 41**place for place, digit in enumerate(digits))
        need(number < 256 ** (len(digits) - 1), "a letter of the code is wrong")
        data += number.to_bytes(len(digits) - 1, "big")
    signed, (size, time, hashes) = data[:68], struct.unpack_from(">QqB", data, 68)
    path, entry_bytes = data[85 : 85 + 32 * hashes], data[85 + 32 * hashes :]
    entry = read_entry(entry_bytes)
    leaf = entry["sequence"] - 1
    path = [path[at : at + 32] for at in range(0, 32 * hashes, 32)]
    root = root_of(sha256(b"\x00" + entry_bytes), leaf, size, path)
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=time)
    encode = lambda data: base64.b64encode(data).decode()  # noqa: E731
    return {
        "format": "sawit-receipt/1", "entry": entry, "entryBytes": encode(entry_bytes), "leafIndex": leaf,
        "treeSize": size, "path": [encode(sibling) for sibling in path],
        "checkpoint": f"sawit/history\n{size}\n{encode(root)}\ntime {when.isoformat(timespec='microseconds')}Z\n"
        f"\n— sawit/history {encode(signed)}\n",
    }  # fmt: skip


def read_receipt(argument):
    """A file, or a code itself, alone or in its link."""
    text = argument
    if "SRC1:" not in argument:
        with open(argument, encoding="utf-8") as file:
            text = file.read()
    if text.lstrip().startswith("{"):
        return json.loads(text)
    return receipt_of("".join(text.split()).rpartition("#")[2])


def verify(receipt, key):
    need(receipt["format"] == "sawit-receipt/1", "another format or version")
    size, root, time = read_checkpoint(receipt["checkpoint"], key)
    data = base64.b64decode(receipt["entryBytes"], validate=True)
    path = [base64.b64decode(sibling, validate=True) for sibling in receipt["path"]]
    entry = read_entry(data)
    index = receipt["leafIndex"]
    need(size == receipt["treeSize"] and entry["sequence"] == index + 1, "numbers that do not fit together")
    need(root_of(sha256(b"\x00" + data), index, size, path) == root, "the entry is not in the tree that was signed for")
    for name, value in entry.items():
        if name not in ("occurredAt", "recordedAt"):
            need(receipt["entry"][name] == value, f"{name} is not what the entry's bytes say")
    return entry, size, time


def main():
    _program, argument, key = sys.argv
    try:
        entry, size, time = verify(read_receipt(argument), read_key(key))
    except (Refused, ValueError, KeyError, IndexError, TypeError, OverflowError, struct.error) as error:
        print(f"WRONG: {error}")
        return 1
    print(json.dumps(entry, indent=2, ensure_ascii=False))
    print(f"the receipt holds: entry {entry['sequence']} of {size}, signed for at {time}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
