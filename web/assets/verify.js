// Verifies receipts in the browser, by the public keys that stand on the page or that the reader gives. Nothing is sent.
// docs/receipts.md describes receipts and their codes. Without this, or without Ed25519 in the browser, the form is sent.
(() => {
  "use strict";
  const page = document.querySelector("[data-verify]");
  const result = document.getElementById("result");
  const form = page.querySelector("form");
  const { file, receipt: pasted, key: givenKey } = form.elements;
  const words = JSON.parse(page.dataset.words);

  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/+.:";
  const CODE = "SRC1:";
  const ORIGIN = "sawit/history";
  const BYTES_MAX = 64 * 1024;
  const FIELDS = [
    ["sequence", "integer"], ["historyId", "text"], ["entryKey", "text"], ["transactionId", "text"], ["userId", "text"],
    ["amountMinor", "integer"], ["currency", "text"], ["type", "text"], ["status", "text"], ["vaNumber", "optional"],
    ["direction", "text"], ["walletId", "optional"], ["counterparty", "optional"], ["failureCode", "optional"],
    ["occurredAt", "integer"], ["recordedAt", "integer"],
  ];

  /** Why a receipt proves nothing. */
  class Refused extends Error {}
  const need = (condition, problem = "MALFORMED") => {
    if (!condition) throw new Refused(problem);
  };

  // --- bytes

  const utf8 = (text) => new TextEncoder().encode(text);
  const text = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const fromBase64 = (base64) => {
    need(typeof base64 === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0);
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    // One way to write it.
    need(toBase64(bytes) === base64);
    return bytes;
  };
  const sha256 = async (...parts) => {
    const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };
  const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  /** Microseconds since 1970 as a receipt writes them. */
  const instant = (micros) => {
    const below = ((micros % 1000n) + 1000n) % 1000n;
    const iso = new Date(Number((micros - below) / 1000n)).toISOString();
    need(iso.length === 24);
    return `${iso.slice(0, -1)}${String(below).padStart(3, "0")}Z`;
  };

  // --- the parts of a receipt

  const readKey = async (line) => {
    const [name, id, ...rest] = line.trim().split("+");
    const bytes = fromBase64(rest.join("+"));
    const hash = await sha256(utf8(`${name}\n`), bytes);
    need(name && bytes.length === 33 && bytes[0] === 1 && hex(hash.slice(0, 4)) === id);
    return { line: line.trim(), name, id, bytes: bytes.slice(1) };
  };

  const readEntry = (bytes) => {
    const view = viewOf(bytes);
    let at = 1;
    const take = (length) => {
      need(at + length <= bytes.length);
      at += length;
      return at - length;
    };
    const read = {
      integer: () => view.getBigInt64(take(8)),
      text: () => {
        const length = view.getUint32(take(4));
        const from = take(length);
        return text(bytes.subarray(from, from + length));
      },
      optional: () => {
        const flag = bytes[take(1)];
        need(flag <= 1);
        return flag ? read.text() : null;
      },
    };
    need(bytes[0] === 1);
    const entry = {};
    for (const [name, kind] of FIELDS) entry[name] = read[kind]();
    need(at === bytes.length);
    return entry;
  };

  /** The root that the path leads to: RFC 9162, 2.1.3.2. */
  const rootOf = async (entryBytes, index, size, path) => {
    need(index >= 0n && index < size, "NOT_INCLUDED");
    let [position, last, reached] = [index, size - 1n, await sha256(Uint8Array.of(0), entryBytes)];
    for (const sibling of path) {
      need(last > 0n, "NOT_INCLUDED");
      if (position & 1n || position === last) {
        reached = await sha256(Uint8Array.of(1), sibling, reached);
        while (position && !(position & 1n)) [position, last] = [position >> 1n, last >> 1n];
      } else {
        reached = await sha256(Uint8Array.of(1), reached, sibling);
      }
      [position, last] = [position >> 1n, last >> 1n];
    }
    need(last === 0n, "NOT_INCLUDED");
    return reached;
  };

  /** What a checkpoint says, and which of the keys has signed it. */
  const readCheckpoint = async (note, keys) => {
    need(typeof note === "string");
    const end = note.indexOf("\n\n");
    const [body, signatures] = [note.slice(0, end + 1), note.slice(end + 2)];
    const parts = body.match(/^sawit\/history\n(0|[1-9]\d{0,18})\n([A-Za-z0-9+/]{43}=)\ntime (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\n$/);
    need(parts && signatures.endsWith("\n") && !/\n\n|\r/.test(signatures));
    fromBase64(parts[2]);
    let signer;
    for (const line of signatures.slice(0, -1).split("\n")) {
      const [, name, signed] = line.match(/^— (\S+) (\S+)$/) ?? need(false);
      const bytes = fromBase64(signed);
      need(bytes.length >= 4);
      const key = keys.find((key) => key.name === name && key.id === hex(bytes.slice(0, 4)));
      if (!key) continue;
      const imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
      need(await crypto.subtle.verify({ name: "Ed25519" }, imported, bytes.slice(4), utf8(body)), "BAD_SIGNATURE");
      signer = key;
    }
    need(signer, "UNKNOWN_KEY");
    return { size: BigInt(parts[1]), root: parts[2], time: parts[3], signer };
  };

  // --- the two ways to write one

  const fromCode = async (letters) => {
    const code = letters.replace(/\s/g, "").split("#").pop();
    need(code.startsWith(CODE));
    const read = [];
    for (let at = CODE.length; at < code.length; at += 3) {
      const digits = Array.from(code.slice(at, at + 3), (letter) => DIGITS.indexOf(letter));
      need(digits.length > 1 && !digits.includes(-1));
      const number = digits.reduceRight((sum, digit) => sum * 41 + digit, 0);
      need(number < 256 ** (digits.length - 1));
      if (digits.length === 3) read.push(number >> 8);
      read.push(number & 255);
    }
    const bytes = Uint8Array.from(read);
    need(bytes.length > 85);
    const view = viewOf(bytes);
    const hashes = bytes[84];
    const entryAt = 85 + 32 * hashes;
    need(hashes <= 64 && entryAt < bytes.length);
    const [size, entryBytes] = [view.getBigUint64(68), bytes.slice(entryAt)];
    const path = Array.from({ length: hashes }, (_, at) => bytes.slice(85 + 32 * at, 117 + 32 * at));
    const index = readEntry(entryBytes).sequence - 1n;
    const root = toBase64(await rootOf(entryBytes, index, size, path));
    const body = `${ORIGIN}\n${size}\n${root}\ntime ${instant(view.getBigInt64(76))}\n`;
    return { entryBytes, index, size, path, note: `${body}\n— ${ORIGIN} ${toBase64(bytes.slice(0, 68))}\n` };
  };

  const fromJson = (json) => {
    const told = JSON.parse(json);
    need(told.format === "sawit-receipt/1" && Object.keys(told).length === 8 && told.entry && Array.isArray(told.path));
    need(Number.isSafeInteger(told.leafIndex) && Number.isSafeInteger(told.treeSize));
    const path = told.path.map(fromBase64);
    need(path.every((hash) => hash.length === 32));
    return {
      entryBytes: fromBase64(told.entryBytes), index: BigInt(told.leafIndex), size: BigInt(told.treeSize), path,
      note: told.checkpoint, told,
    };
  };

  /** What people read in the JSON must be what was signed. */
  const agrees = (told, entry, keyId) => {
    const times = ["occurredAt", "recordedAt"];
    const shown = (name) => {
      const value = entry[name];
      return times.includes(name) ? instant(value) : typeof value === "bigint" ? Number(value) : value;
    };
    const same = FIELDS.every(([name]) => told.entry[name] === shown(name));
    return same && Object.keys(told.entry).length === FIELDS.length && told.keyId === keyId;
  };

  const verify = async (given, keys) => {
    const trimmed = given.replace(/^\ufeff/, "").trim();
    const { entryBytes, index, size, path, note, told } = trimmed.startsWith("{") ? fromJson(trimmed) : await fromCode(trimmed);
    const checkpoint = await readCheckpoint(note, keys);
    const entry = readEntry(entryBytes);
    need(entry.sequence - 1n === index && checkpoint.size === size, "NOT_INCLUDED");
    need(toBase64(await rootOf(entryBytes, index, size, path)) === checkpoint.root, "NOT_INCLUDED");
    need(!told || agrees(told, entry, checkpoint.signer.id), "DISAGREES");
    return { entry, checkpoint };
  };

  // --- the page

  const isId = { to: true, from: true, wallet: true, user: true, transaction: true };

  const fill = (name, value) => {
    const line = result.querySelector(`[data-fact=${name}]`);
    if (!line || !value) return;
    const place = line.querySelector("dd");
    if (isId[name]) {
      const id = document.createElement("span");
      id.className = "code";
      id.textContent = value;
      place.replaceChildren(id);
    } else {
      place.textContent = value;
    }
    line.hidden = false;
  };

  const when = (iso) => {
    const options = { timeZone: "Asia/Jakarta", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    return `${new Intl.DateTimeFormat(page.dataset.lang === "id" ? "id-ID" : "en-GB", options).format(new Date(iso))} WIB`;
  };

  const rupiah = ({ amountMinor, direction }) => {
    const minor = amountMinor < 0n ? -amountMinor : amountMinor;
    const whole = String(minor / 100n).replace(/\B(?=(\d{3})+$)/g, ".");
    const cents = minor % 100n ? `,${String(minor % 100n).padStart(2, "0")}` : "";
    return `${direction === "IN" ? "+" : "−"}${amountMinor < 0n ? "−" : ""}Rp ${whole}${cents}`;
  };

  const show = (template) => {
    result.replaceChildren(document.getElementById(template).content.cloneNode(true));
    result.hidden = false;
    result.focus();
    result.scrollIntoView({ block: "start" });
  };

  const showProven = ({ entry, checkpoint }) => {
    const paid = entry.status === "SUCCESS";
    const status = words.status[entry.status] ?? entry.status;
    show(paid ? "proven" : "unpaid");
    if (!paid) {
      const said = result.querySelector(".notice p");
      said.textContent = said.textContent.replace("{}", status);
    }
    result.querySelector(".amount").textContent = rupiah(entry);
    fill("kind", words.kind[entry.type] ?? entry.type);
    fill("status", status);
    fill("failure", entry.failureCode);
    fill(entry.direction === "IN" ? "from" : "to", entry.counterparty);
    fill("va", entry.vaNumber);
    fill("wallet", entry.walletId);
    fill("user", entry.userId);
    fill("time", when(instant(entry.occurredAt)));
    fill("transaction", entry.transactionId);
    fill("sequence", String(entry.sequence));
    fill("signed", words.signed.replace("{}", when(checkpoint.time)).replace("{}", checkpoint.size));
    fill("key", checkpoint.signer.id);
    result.querySelector(".key").textContent = checkpoint.signer.line;
  };

  const knownKeys = () => Promise.all(page.dataset.keys.split(" ").map(readKey));

  /** Whether this browser has what it takes; not every one does, and none over plain HTTP from elsewhere. */
  const isAble = async () => {
    try {
      const [key] = await knownKeys();
      await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  };
  const able = isAble();

  let turns = 0;

  const check = async (given, keys) => {
    // What was shown is of another receipt, and what comes late is, too.
    const turn = ++turns;
    result.hidden = true;
    let proven = null;
    let problem = "MALFORMED";
    try {
      proven = await verify(given, keys);
    } catch (error) {
      // What cannot be read for any other reason is no receipt.
      if (error instanceof Refused) problem = error.message;
    }
    if (turn !== turns) return;
    if (proven) showProven(proven);
    else show(`problem-${problem}`);
  };

  form.addEventListener("submit", async (event) => {
    if (form.dataset.send) return;
    event.preventDefault();
    event.stopPropagation();
    const chosen = file.files[0];
    const given = chosen && chosen.size <= BYTES_MAX ? await chosen.text() : chosen ? "" : pasted.value;
    let keys = null;
    try {
      keys = givenKey.value.trim() ? [await readKey(givenKey.value)] : await knownKeys();
    } catch {
      // The server says what is wrong with it.
    }
    if (!keys || !(chosen || given.trim()) || !(await able)) {
      form.dataset.send = "1";
      form.requestSubmit();
      return;
    }
    await check(given, keys);
  });

  const readAddress = async () => {
    let code = location.hash.slice(1);
    try {
      code = decodeURIComponent(code);
    } catch {
      // Then it was not written by a program that encodes.
    }
    if (!code || code === "main") return;
    document.querySelector(".language").hash = location.hash;
    if (/^[A-Za-z0-9_-]{1,64}$/.test(code)) return show("only-id");
    pasted.value = code;
    if (await able) await check(code, await knownKeys());
    else show("by-server");
  };
  addEventListener("hashchange", readAddress);
  readAddress();
})();
