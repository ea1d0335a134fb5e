// Receipts: from the till to the printer, and what a stranger with a phone makes of the paper.
import { createHash, generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { mkdir, readFile } from "node:fs/promises";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import {
  SAWIT, appOf, check, look, openShop, person, run, same, sawit, sees, signIn, test, visitor,
} from "./lib.mjs";

const decoder = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
// Without this it would be fetched from elsewhere.
prepareZXingModule({ overrides: { wasmBinary: (await readFile(decoder)).buffer } });
const SHOTS = process.env.SCREENSHOTS;
const shop = await openShop();

/** A buyer who has paid a bill, at the receipt's page. */
async function paid(options) {
  const [buyer, bill] = [await person(250000), await shop.bill({ description: "Pesanan kopi" })];
  const page = await (await visitor({ shop, ...options })).newPage();
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`);
  await signIn(page, buyer);
  await page.click("button.pay");
  await page.waitForURL(/payment=trx_/);
  if (await page.locator(".returning button").isVisible()) await page.click(".returning button");
  await page.click("a[href^='/app/receipt/']");
  await page.waitForURL(/\/app\/receipt\/trx_\w{26}$/);
  return { buyer, bill, page, id: page.url().split("/").pop() };
}

/** What a camera reads of the code. */
async function scanned(page) {
  const [found] = await readBarcodes(await page.locator("svg.qr").screenshot(), { formats: ["QRCode"] });
  check(found?.isValid, "no QR code can be read");
  return found.text;
}

const codeOf = (page) => page.getAttribute("a[data-code]", "href");

/** The same address at this provider: the one in the code is the public one. */
const here = (link) => `${SAWIT}/verify${new URL(link).hash}`;

/** The link with one letter of the code changed. */
function tampered(link, at) {
  const place = link.indexOf("#") + at;
  return link.slice(0, place) + (link[place] === "7" ? "8" : "7") + link.slice(place + 1);
}

async function verdict(page, expected) {
  const found = (text) => document.querySelector("#result .notice h2")?.textContent === text;
  await page.waitForFunction(found, expected).catch(() => {});
  same(await page.textContent("#result .notice h2"), expected, "the verdict");
}

const posts = (context) => {
  const seen = [];
  context.on("request", (request) => {
    if (request.method() !== "GET" || request.url().split("#")[0].includes("SRC1")) seen.push(request.url());
  });
  return seen;
};

test("from the till to the printer", async () => {
  const { page, buyer, bill, id } = await paid();
  for (const text of [id, "−Rp 59.000", "Pembayaran", "Berhasil", shop.name, bill.vaNumber, "Tabungan Utama", buyer.fullname, "Pesanan kopi"]) {
    await sees(page, text);
  }
  await look(page, "receipt");
  const link = await codeOf(page);
  check(/\/verify#SRC1:[-0-9A-Z/+.:]{500,2000}$/.test(link), link);
  same(await scanned(page), link, "the code on the screen");
  check(await page.isVisible("[data-print]"), "a button to print");

  // On paper: A4, nothing to click on, and a code that a camera reads.
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 680, height: 960 });
  for (const hidden of [".menu", ".bar", "[data-print]", "a[download]", ".bottom"]) {
    check(!(await page.locator(hidden).first().isVisible()), `${hidden} is printed`);
  }
  const width = await page.locator("svg.qr").evaluate((drawn) => drawn.getBoundingClientRect().width);
  check(width > 300, `the code is ${width} points wide: three centimetres are 113`);
  same(await scanned(page), link, "the code on paper");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  same(pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g).length, 1, "pages");
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: `${SHOTS}/receipt-print.png`, fullPage: true });
    await page.pdf({ path: `${SHOTS}/receipt.pdf`, preferCSSPageSize: true });
  }
  await page.emulateMedia({ media: "screen" });

  const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
  same(download.suggestedFilename(), `sawit-receipt-${id}.json`, "the file's name");
  const receipt = JSON.parse(await readFile(await download.path(), "utf8"));
  same(receipt.entry.transactionId, id, "the transaction");
  const { receipt: asked } = await sawit(`{ receipt(transactionId: "${id}") }`, {}, buyer.token);
  same(JSON.stringify(receipt), JSON.stringify(JSON.parse(asked)), "the file");
});

test("whoever scans it verifies it, and nothing is sent", async () => {
  const { page, id } = await paid();
  const link = await codeOf(page);
  const context = await visitor();
  const sent = posts(context);
  const stranger = await context.newPage();
  await stranger.goto(here(link));
  await verdict(stranger, "Bukti ini asli");
  for (const text of [id, "−Rp 59.000", "Berhasil", "Pembayaran", "tidak ada yang dikirim"]) await sees(stranger, text);
  const { historyPublicKey } = await sawit("{ historyPublicKey }");
  await sees(stranger, historyPublicKey);
  await look(stranger, "verify-genuine");
  await stranger.click(".language");
  await stranger.waitForURL(/verify/);
  await verdict(stranger, "This receipt is genuine");

  const length = link.length - link.indexOf("#");
  for (const at of [6, 90, 120, 140, 300, 700, length - 1]) {
    await stranger.goto("about:blank");
    await stranger.goto(here(tampered(link, at)));
    await verdict(stranger, "Not verified");
  }
  await look(stranger, "verify-tampered-english");
  await stranger.goto("about:blank");
  await stranger.goto(`${here(link)}7`);
  await verdict(stranger, "Not verified");
  // Into the page that is open already.
  await stranger.evaluate((hash) => { location.hash = hash; }, new URL(link).hash);
  await verdict(stranger, "This receipt is genuine");
  await stranger.goto("about:blank");
  await stranger.goto(`${SAWIT}/verify#${id}`);
  await verdict(stranger, "This code holds no proof");
  await stranger.goto("about:blank");
  await stranger.goto(`${SAWIT}/verify#%E0%A4%A<script>alert(1)</script>`);
  await verdict(stranger, "Not verified");
  same(sent.join(), "", "what was sent");
});

/** A key as providers publish them, of another one. */
function strangersKey() {
  const raw = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = Buffer.concat([Buffer.of(1), raw]);
  const id = createHash("sha256").update("sawit/history\n").update(key).digest("hex").slice(0, 8);
  return `sawit/history+${id}+${key.toString("base64")}`;
}

/** What the page says of files and pasted texts, whoever verifies. */
async function tries(page, receipt, link) {
  const send = async (fill, expected) => {
    await page.goto(`${SAWIT}/verify`);
    await fill();
    await page.click("main form button[type=submit]");
    await verdict(page, expected);
  };
  const paste = (text, key) => async () => {
    await page.fill("#receipt", text);
    if (key) await page.fill("#key", key);
  };
  const upload = (text) => () => page.setInputFiles("#file", { name: "receipt.json", mimeType: "application/json", buffer: Buffer.from(text) });
  const json = JSON.stringify(receipt);
  const changed = (change) => {
    const copy = structuredClone(receipt);
    change(copy);
    return JSON.stringify(copy);
  };
  const { historyPublicKey } = await sawit("{ historyPublicKey }");
  await send(upload(json), "Bukti ini asli");
  await sees(page, receipt.entry.transactionId);
  await send(paste(`\n ${json}\n`), "Bukti ini asli");
  await send(paste(link), "Bukti ini asli");
  await send(paste(new URL(link).hash.slice(1), historyPublicKey), "Bukti ini asli");
  await send(paste(link, strangersKey()), "Tidak terbukti");
  await sees(page, "ditandatangani dengan kunci lain");
  for (const [text, why] of [
    [changed((copy) => { copy.entry.amountMinor += 100; }), "berbeda dari yang ditandatangani"],
    [changed((copy) => { copy.entry.status = "FAILED"; }), "berbeda dari yang ditandatangani"],
    [changed((copy) => { copy.entry.occurredAt = copy.entry.recordedAt; }), "berbeda dari yang ditandatangani"],
    [changed((copy) => { copy.keyId = "00000000"; }), "berbeda dari yang ditandatangani"],
    [changed((copy) => { copy.leafIndex += 1; }), "tidak termasuk"],
    [changed((copy) => { copy.path = []; }), receipt.path.length ? "tidak termasuk" : "asli"],
    [changed((copy) => { copy.checkpoint = copy.checkpoint.replace("time 20", "time 19"); }), "Tanda tangannya tidak cocok"],
    [changed((copy) => { copy.checkpoint = copy.checkpoint.replace("— sawit/history ", "— sawit/history AAAA"); }), ""],
    [changed((copy) => { copy.more = 1; }), "bukan bukti Sawit yang utuh"],
    ["rubbish <script>alert(1)</script>", "bukan bukti Sawit yang utuh"],
    ["{", "bukan bukti Sawit yang utuh"],
    ["null", "bukan bukti Sawit yang utuh"],
    [`{"format":"sawit-receipt/1"}`, "bukan bukti Sawit yang utuh"],
    [tampered(link, 200), "Tanda tangannya tidak cocok"],
    [link.slice(0, -40), ""],
    ["[".repeat(60_000), "bukan bukti Sawit yang utuh"],
  ]) {
    if (why === "asli") continue;
    await send(text.length > 20_000 ? upload(text) : paste(text), "Tidak terbukti");
    await sees(page, why);
  }
  // Too large for any receipt.
  await page.goto(`${SAWIT}/verify`);
  await upload("x".repeat(70_000))();
  await page.click("main form button[type=submit]");
  await verdict(page, "Tidak terbukti");
}

test("files and pasted texts, with the script", async () => {
  const { page, buyer, id } = await paid();
  const { receipt } = await sawit(`{ receipt(transactionId: "${id}") }`, {}, buyer.token);
  const context = await visitor();
  const sent = posts(context);
  const stranger = await context.newPage();
  await stranger.goto(`${SAWIT}/verify`);
  await look(stranger, "verify");
  await tries(stranger, JSON.parse(receipt), await codeOf(page));
  same(sent.join(), "", "what was sent");
});

test("and without it", async () => {
  const { page, buyer, id } = await paid();
  const { receipt } = await sawit(`{ receipt(transactionId: "${id}") }`, {}, buyer.token);
  const stranger = await (await visitor({ scripts: false })).newPage();
  await tries(stranger, JSON.parse(receipt), await codeOf(page));
  await stranger.goto(`${SAWIT}/verify`);
  await stranger.click("main form button[type=submit]");
  await sees(stranger, "Pilih berkas atau tempelkan bukti");
  await stranger.fill("#receipt", receipt);
  await stranger.fill("#key", "no key");
  await stranger.click("main form button[type=submit]");
  await sees(stranger, "Ini bukan kunci publik");
});

test("a browser that cannot verify has it done, and is told so before", async () => {
  const { page } = await paid();
  const context = await visitor();
  const stranger = await context.newPage();
  await stranger.addInitScript(() => { SubtleCrypto.prototype.importKey = () => Promise.reject(new Error("NotSupportedError")); });
  await stranger.goto(here(await codeOf(page)));
  await verdict(stranger, "Peramban ini tidak bisa memeriksa sendiri");
  await look(stranger, "verify-unable");
  await stranger.click("main form button[type=submit]");
  await stranger.waitForLoadState();
  await verdict(stranger, "Bukti ini asli");
  await sees(stranger, "Diperiksa oleh server Sawit.");
});

test("what was refused proves no payment", async () => {
  const [from, to] = [await person(5000), await person(0)];
  const transfer = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status } }";
  const input = { walletId: from.wallets[0], targetWalletId: to.wallets[0], amount: 999999, type: "TRANSFER" };
  const { createTransaction } = await sawit(transfer, { input }, from.token);
  same(createTransaction.status, "FAILED", "the transfer");
  const page = await appOf(from, { locale: "en" });
  await page.click(`.entries a[href$="${createTransaction.transactionId}"]`);
  await sees(page, "This is no proof of payment");
  await look(page, "receipt-failed");
  const link = await codeOf(page);
  await page.goto(here(link));
  await verdict(page, "This is no proof of payment");
  await sees(page, "Failed");
  await look(page, "verify-failed");
});

test("nobody else's receipt, and one's own of what came in", async () => {
  const [from, to] = [await person(70000), await person(0, "Hinata Hyuga")];
  const transfer = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status } }";
  const input = { walletId: from.wallets[0], targetWalletId: to.wallets[0], amount: 70000, type: "TRANSFER", description: "Uang makan" };
  const { createTransaction: { transactionId } } = await sawit(transfer, { input }, from.token);
  const receiver = await appOf(to);
  await receiver.goto(`${SAWIT}/app/history`);
  await receiver.click(`.entries a[href$="${transactionId}"]`);
  await sees(receiver, "+Rp 70.000");
  await sees(receiver, from.wallets[0]);
  await look(receiver, "receipt-received");
  const other = await appOf(await person(0));
  for (const path of [transactionId, `${transactionId}.json`, "trx_01M7YA8DWM618HY59GXD4SY2PR", "x", "a%2Fb", "%20", "..%2F.."]) {
    const answer = await other.goto(`${SAWIT}/app/receipt/${path}`);
    same(answer.status(), 404, path);
  }
  const nobody = await (await visitor()).newPage();
  await nobody.goto(`${SAWIT}/app/receipt/${transactionId}`);
  check(nobody.url().includes("/app/login?next="), nobody.url());
});

test("in the dark", async () => {
  const { page } = await paid({ dark: true });
  await look(page, "receipt-dark");
  const link = await codeOf(page);
  same(await scanned(page), link, "the code on the screen");
  await page.goto(here(link));
  await verdict(page, "Bukti ini asli");
  await look(page, "verify-dark");
});

await run();
