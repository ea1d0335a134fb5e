// What the browser tests share: people, bills, a shop to come back to, and a browser that reports what it must not do.
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const need = (name) => process.env[name] ?? fail(`${name} is not set`);
const fail = (message) => { throw new Error(message); };

export const SAWIT = need("SAWIT_URL");
const SHOP_USERS = need("SHOP_USERS_URL");
const SHOP_ORDERS = need("SHOP_ORDERS_URL");
/** The pages of the demo's marketplace. */
export const SHOP = new URL(SHOP_ORDERS).origin;
const ADMIN_PASSWORD = need("ADMIN_PASSWORD");
const SHOTS = process.env.SCREENSHOTS;
export const PASSWORD = "kata sandi yang panjang";
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

export function same(found, expected, what) {
  check(found === expected, `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

// --- the API

export async function graphql(url, query, variables = {}, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(`${query}\n${JSON.stringify(errors)}`);
  return data;
}

export const sawit = (query, variables, token) => graphql(`${SAWIT}/graphql`, query, variables, token);

let people = 0;

/** Somebody with an account and, given money, a wallet. */
export async function person(money, fullname = "Naruto Uzumaki") {
  const name = `buyer${process.pid}x${++people}`;
  const email = `${name}@example.com`;
  const register = `mutation($name: String!, $fullname: String!, $email: String!, $password: String!) {
    register(username: $name, fullname: $fullname, email: $email, password: $password) { access_token } }`;
  const { register: { access_token: token } } = await sawit(register, { name, fullname, email, password: PASSWORD });
  const somebody = { name, email, fullname, token, wallets: [] };
  if (money !== undefined) await wallet(somebody, money);
  return somebody;
}

export async function wallet(somebody, money, walletName = "Tabungan Utama") {
  const create = "mutation($walletName: String!) { createWallet(walletName: $walletName) { walletId } }";
  const { createWallet: { walletId } } = await sawit(create, { walletName }, somebody.token);
  if (money > 0) {
    const deposit = "mutation($input: TransactionInput!) { createTransaction(input: $input) { status } }";
    await sawit(deposit, { input: { walletId, amount: money, type: "DEPOSIT" } }, somebody.token);
  }
  somebody.wallets.push(walletId);
  return walletId;
}

export async function balance(somebody, walletId = somebody.wallets[0]) {
  const { myWallets } = await sawit("{ myWallets { walletId balance } }", {}, somebody.token);
  return myWallets.find((wallet) => wallet.walletId === walletId).balance;
}

export async function admin() {
  const login = "mutation($password: String!) { loginUser(email: \"admin@sawit.example\", password: $password) { access_token } }";
  return (await sawit(login, { password: ADMIN_PASSWORD })).loginUser.access_token;
}

/** An order at BlackDoctrine, whose bill is not a session yet. */
export async function order() {
  const email = `shopper${process.pid}x${++people}@example.com`;
  await graphql(SHOP_USERS, `mutation { register(nama: "Naruto", email: "${email}", password: "password123") { id } }`);
  const { login: { token } } = await graphql(SHOP_USERS, `mutation { login(email: "${email}", password: "password123") { token } }`);
  const create = 'mutation { createOrder(input: { productId: "1", quantity: 2, alamatPengiriman: "Jalan Konoha No. 02", metodePengiriman: "REGULER" }) { totalHarga nomorVA } }';
  const { createOrder: { totalHarga, nomorVA } } = await graphql(SHOP_ORDERS, create, {}, token);
  const paid = async () => (await graphql(SHOP_ORDERS, `{ getOrderByVA(vaNumber: "${nomorVA}") { paymentStatus } }`)).getOrderByVA.paymentStatus;
  return { va: nomorVA, total: totalHarga, paid };
}

/** A merchant of its own, with a page that buyers come back to. */
export async function openShop(name = "Toko Daun & Kopi") {
  const visits = [];
  const server = createServer((request, response) => {
    if (request.url !== "/favicon.ico") visits.push(new URL(request.url, origin));
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><html lang=id><title>shop</title><h1>Terima kasih</h1>");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const register = `mutation($input: MerchantInput!) { registerMerchant(input: $input) {
    merchant { merchantId } apiKey signingSecret } }`;
  const owner = await person();
  const { registerMerchant } = await sawit(register, { input: { name, returnOrigins: [origin] } }, owner.token);
  const { apiKey, signingSecret } = registerMerchant;
  const secret = Buffer.from(signingSecret.replace("whsec_", ""), "base64");
  let orders = 0;
  return {
    name, origin, visits,
    close: () => server.close(),
    /** A session; what it is about can be told. */
    async bill(input = {}) {
      const create = `mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) {
        sessionId checkoutUrl vaNumber } }`;
      const whole = {
        orderId: `INV-${process.pid}-${++orders}`, amount: 59000, returnUrl: `${origin}/terima-kasih`, cancelUrl: `${origin}/keranjang`,
        items: [{ name: "Kopi Toraja 250 g", quantity: 2, price: 24500 }, { name: "Ongkos kirim", quantity: 1, price: 10000 }], ...input,
      };
      return (await sawit(create, { input: whole }, apiKey)).createPaymentSession;
    },
    cancel: (sessionId) => sawit(`mutation { cancelPaymentSession(sessionId: "${sessionId}") { state } }`, {}, apiKey),
    /** Whether a visit carries the provider's signature over what it says. */
    isSigned({ searchParams }) {
      const text = ["session_id", "order_id", "status"].map((name) => searchParams.get(name) ?? "").join(".");
      return createHmac("sha256", secret).update(text).digest("hex") === searchParams.get("signature");
    },
  };
}

// --- the browser

let browser;
const violations = [];

export async function start() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export const stop = () => browser?.close();

/** A new browser profile. `shop` is the only other host that it may go to. */
export async function visitor({ locale = "id-ID", scripts = true, shop, dark = false } = {}) {
  const context = await browser.newContext({
    locale, javaScriptEnabled: scripts, viewport: { width: 390, height: 844 }, colorScheme: dark ? "dark" : "light",
  });
  context.setDefaultTimeout(15_000);
  context.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== SAWIT && origin !== shop?.origin) violations.push(`a request to ${request.url()}`);
  });
  context.on("console", (message) => {
    const text = message.text();
    if (/content security policy|refused to/i.test(text)) violations.push(`the browser says: ${text}`);
  });
  context.on("weberror", (error) => violations.push(`a script failed: ${error.error()}`));
  return context;
}

/** What browsers did that no page of ours may make them do. */
export function noViolations() {
  same(violations.splice(0).join("\n"), "", "violations");
}

export async function signIn(page, somebody) {
  await page.fill("#email", somebody.email);
  await page.fill("#password", PASSWORD);
  await page.click("main form:has(#password) button[type=submit]");
  await page.waitForLoadState();
}

/** A browser in which somebody is signed in, at the app's first page. */
export async function appOf(somebody, options) {
  const context = await visitor(options);
  const page = await context.newPage();
  await page.goto(`${SAWIT}/app/login`);
  await signIn(page, somebody);
  check(page.url().endsWith("/app"), `signed in, and at ${page.url()}`);
  return page;
}

/** Looks at a page as people who cannot see it do, and keeps a picture for those who can. */
export async function look(page, name) {
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await page.screenshot({ path: `${SHOTS}/${name}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize({ width: 390, height: 844 });
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(overflow <= 0, `${name}: ${overflow} px wider than a phone`);
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const list = found.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(" ")}`);
  same(list.join("\n"), "", `${name}, as axe sees it`);
}

/** The file that a link downloads: its name and what is in it. */
export async function download(page, link) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(link)]);
  const name = file.suggestedFilename();
  const bytes = await readFile(await file.path());
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    await writeFile(`${SHOTS}/${name}`, bytes);
  }
  return { name, bytes };
}

export const title = (page) => page.textContent("h1");

/** The test must see this text on the page. */
export async function sees(page, text) {
  const body = await page.innerText("main");
  check(body.includes(text), `"${text}" is not on ${page.url()}:\n${body}`);
}

// --- running

const tests = [];
export const test = (name, body) => tests.push({ name, body });

export async function run() {
  const only = process.argv[2];
  await start();
  let failed = 0;
  for (const { name, body } of tests.filter((test) => !only || test.name.includes(only))) {
    const began = Date.now();
    try {
      await body();
      noViolations();
      console.log(`ok    ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      violations.length = 0;
      console.log(`FAIL  ${name}\n${error.stack}`);
    }
    for (const context of browser.contexts()) await context.close();
  }
  await stop();
  process.exit(failed ? 1 : 0);
}
