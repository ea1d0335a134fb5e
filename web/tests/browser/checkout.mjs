// The checkout: the way that it should go, and every other one.
import {
  PASSWORD, SAWIT, admin, balance, check, look, openShop, order, person, run, same, sawit, sees, signIn, test, title, visitor, wallet,
} from "./lib.mjs";

const shop = await openShop();
// It takes twenty seconds to expire; meanwhile the others run.
const shortLived = await shop.bill({ expiresIn: 20 });
const expiredAfter = Date.now() + 21_000;

async function open(context, bill) {
  const page = await context.newPage();
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`);
  return page;
}

async function ready(buyer, bill, options) {
  const context = await visitor({ shop, ...options });
  const page = await open(context, bill);
  await signIn(page, buyer);
  return page;
}

const pay = (page) => page.click("button.pay");

test("a bill of the marketplace is paid from /pay?va= on", async () => {
  const [buyer, bill] = [await person(500000), await order()];
  const page = await (await visitor()).newPage();
  await page.goto(`${SAWIT}/pay?va=${bill.va}`);
  check(/\/checkout\/cks_\w{26}$/.test(page.url()), page.url());
  await sees(page, "Rp 59.000");
  await sees(page, bill.va);
  await look(page, "checkout-sign-in");
  await signIn(page, buyer);
  await sees(page, buyer.fullname);
  await sees(page, "Rp 500.000");
  await look(page, "checkout-marketplace");
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Pembayaran berhasil", "the outcome");
  same(await balance(buyer), 441000, "the balance");
  for (let tries = 0; (await bill.paid()) !== "PAID" && tries < 50; tries++) await new Promise((done) => setTimeout(done, 100));
  same(await bill.paid(), "PAID", "the order at the marketplace");
});

test("the buyer goes back to the shop with a signed answer", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill({ description: "Pesanan kopi" })];
  await wallet(buyer, 1000, "Jajan");
  const page = await ready(buyer, bill);
  await look(page, "checkout");
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  await page.click(".returning button");
  await look(page, "checkout-paid");
  await page.click("a[data-return]");
  await page.waitForURL(`${shop.origin}/**`);
  const visit = shop.visits.at(-1);
  same(visit.searchParams.get("status"), "PAID", "the status");
  check(shop.isSigned(visit), `not signed: ${visit}`);
});

test("with a script the way back is taken by itself", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await ready(buyer, bill);
  await pay(page);
  await page.waitForURL(`${shop.origin}/**`, { timeout: 15_000 });
  check(shop.isSigned(shop.visits.at(-1)), "signed");
});

test("English, by the browser's wish and by a click", async () => {
  const bill = await shop.bill();
  const page = await open(await visitor({ locale: "en-GB", shop }), bill);
  same(await page.getAttribute("html", "lang"), "en", "lang");
  await sees(page, "Sign in to pay");
  await look(page, "checkout-english");
  await page.click(".language");
  same(await page.getAttribute("html", "lang"), "id", "lang");
  check(page.url().endsWith(bill.sessionId), "the same page");
});

test("two clicks pay once", async () => {
  const [buyer, bill] = [await person(200000), await shop.bill()];
  const page = await ready(buyer, bill);
  // As a browser without our script would send it: twice, at once.
  const answers = await page.evaluate(async () => {
    const form = document.querySelector("form[data-once]");
    const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    return (await Promise.all([send(), send()])).map((answer) => answer.url);
  });
  // The second comes to the same payment, or, when the first is through already, to the bill that is paid.
  const [payments, bills] = [answers.map((url) => new URL(url).searchParams.get("payment")), answers.map((url) => new URL(url).pathname)];
  same(new Set(payments.filter(Boolean)).size, 1, "payments");
  same(new Set(bills).size, 1, "bills");
  same(await balance(buyer), 141000, "the balance");
});

test("a double click pays once", async () => {
  const [buyer, bill] = [await person(200000), await shop.bill()];
  const page = await ready(buyer, bill);
  await page.dblclick("button.pay", { noWaitAfter: true });
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Pembayaran berhasil", "the outcome");
  same(await balance(buyer), 141000, "the balance");
});

test("the back button leads to a bill that is paid", async () => {
  const [buyer, bill] = [await person(200000), await shop.bill()];
  const page = await ready(buyer, bill);
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  await page.goBack();
  await page.waitForLoadState();
  same(await title(page), "Tagihan ini sudah lunas", "the page");
  await look(page, "checkout-already-paid");
  same(await balance(buyer), 141000, "the balance");
});

test("the second of two tabs is told that the bill is paid", async () => {
  const [buyer, bill] = [await person(200000), await shop.bill()];
  const context = await visitor({ shop, scripts: false });
  const first = await open(context, bill);
  await signIn(first, buyer);
  const second = await open(context, bill);
  await pay(first);
  await first.waitForURL(/payment=trx_/);
  await pay(second);
  await second.waitForLoadState();
  same(await title(second), "Tagihan ini sudah lunas", "the second tab");
  same(await balance(buyer), 141000, "the balance");
});

test("a tab that waits learns of the payment in another one", async () => {
  const [buyer, bill] = [await person(200000), await shop.bill()];
  const context = await visitor({ shop });
  const first = await open(context, bill);
  await signIn(first, buyer);
  const second = await open(context, bill);
  await pay(second);
  await second.waitForURL(/payment=trx_/);
  await second.close();
  await first.waitForSelector("text=Tagihan ini sudah lunas", { timeout: 15_000 });
});

test("too little money: topped up from there, and paid", async () => {
  const [buyer, bill] = [await person(50000), await shop.bill()];
  const page = await ready(buyer, bill);
  await sees(page, "Saldo kurang Rp 9.000");
  same(await page.locator("button.pay").count(), 0, "buttons to pay with");
  await look(page, "checkout-too-little");
  await page.click("form.boxed button");
  await page.waitForLoadState();
  await sees(page, "Saldo sudah diisi");
  await look(page, "checkout-topped-up");
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  same(await balance(buyer), 0, "the balance");
});

test("no wallet yet: opened from there", async () => {
  const [buyer, bill] = [await person(), await shop.bill()];
  const page = await ready(buyer, bill);
  await look(page, "checkout-no-wallet");
  await page.click("main form button:has-text(\"Buka dompet\")");
  await page.waitForLoadState();
  await sees(page, "Dompet Utama");
});

test("money that went meanwhile is a refusal that says so", async () => {
  const [buyer, bill, other] = [await person(60000), await shop.bill(), await shop.bill()];
  const page = await ready(buyer, bill);
  await sawit(`mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) { status } }`,
    { input: { sessionId: other.sessionId, walletId: buyer.wallets[0] } }, buyer.token);
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  await sees(page, "Saldo dompet itu tidak cukup");
  await look(page, "checkout-refused");
});

test("a large payment is confirmed, by password or PIN", async () => {
  const [buyer, bill] = [await person(5000000), await shop.bill({ amount: 1500000.5, items: [] })];
  const page = await ready(buyer, bill);
  await sees(page, "Rp 1.500.000,50");
  await page.fill("#password", "not the password");
  await pay(page);
  await page.waitForLoadState();
  await sees(page, "Kata sandi salah.");
  same(await page.evaluate(() => document.activeElement.className), "summary", "the focus");
  await look(page, "checkout-confirm-wrong");
  const set = "mutation($password: String!) { setPin(currentPassword: $password, pin: \"280419\") }";
  await sawit(set, { password: PASSWORD }, buyer.token);
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`);
  await look(page, "checkout-confirm-pin");
  await page.fill("#pin", "280418");
  await pay(page);
  await page.waitForLoadState();
  await sees(page, "PIN salah.");
  await page.fill("#pin", "280419");
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Pembayaran berhasil", "the outcome");
});

test("what the fraud check refuses moves nothing", async () => {
  const [buyer, bill] = [await person(70000000), await shop.bill({ amount: 60000000, items: [] })];
  const page = await ready(buyer, bill);
  await page.fill("#password", PASSWORD);
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  await sees(page, "Pembayaran ini tidak diizinkan");
  await look(page, "checkout-fraud");
  same(await balance(buyer), 70000000, "the balance");
});

test("a frozen wallet cannot be chosen, and says why", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await ready(buyer, bill);
  await sawit(`mutation { freezeWallet(walletId: "${buyer.wallets[0]}") { status } }`, {}, await admin());
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  await sees(page, "Dompet itu dibekukan");
  check(await page.isDisabled("input[name=wallet]"), "the wallet can be chosen");
  await look(page, "checkout-frozen");
});

test("money that is held is told as such", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill({ captureMode: "MANUAL" })];
  const page = await ready(buyer, bill);
  await pay(page);
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Dana ditahan", "the outcome");
  await page.click(".returning button");
  await look(page, "checkout-authorized");
});

test("a cancelled bill", async () => {
  const bill = await shop.bill();
  await shop.cancel(bill.sessionId);
  const page = await open(await visitor({ shop }), bill);
  same(await title(page), "Tagihan dibatalkan", "the page");
  await look(page, "checkout-cancelled");
  await page.click("main .button");
  await page.waitForURL(`${shop.origin}/**`);
  same(shop.visits.at(-1).searchParams.get("status"), "CANCELLED", "the status");
});

test("unknown bills, unknown numbers, and no number at all", async () => {
  const page = await (await visitor()).newPage();
  for (const [path, expected, name] of [
    ["/checkout/cks_01M7YA8DWM618HY59GXD4SY2PR", "Tagihan tidak ditemukan", "checkout-unknown"],
    ["/checkout/x", "Tagihan tidak ditemukan"],
    ["/pay?va=DS-8800000000000000", "Nomor VA tidak dikenal", "pay-unknown"],
    ["/pay?va=nonsense", "Nomor VA tidak dikenal"],
    ["/pay", "Bayar tagihan", "pay"],
    ["/nowhere", "Halaman tidak ditemukan", "not-found"],
  ]) {
    await page.goto(`${SAWIT}${path}`);
    await sees(page, expected);
    if (name) await look(page, name);
  }
});

test("a shop that does not answer, and one that wants its buyers somewhere else", async () => {
  const prefix = `77${process.pid}`;
  const register = "mutation($input: MerchantInput!) { registerMerchant(input: $input) { apiKey } }";
  const input = { name: "Toko Tutup", vaPrefix: prefix, orderUrl: "http://127.0.0.1:9/graphql" };
  await sawit(register, { input }, await admin());
  const page = await (await visitor()).newPage();
  await page.goto(`${SAWIT}/pay?va=${prefix}123456`);
  same(await title(page), "Toko sedang tidak menjawab", "the page");
  await look(page, "pay-shop-down");
  const bill = await order();
  await page.goto(`${SAWIT}/pay?va=${bill.va}&return_url=${encodeURIComponent("https://evil.example/")}`);
  same(await title(page), "Alamat kembali tidak dikenal", "the page");
  await look(page, "pay-bad-return");
});

test("whoever is signed out meanwhile comes back to the bill after signing in", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await ready(buyer, bill);
  await page.context().clearCookies({ name: "sawit_session" });
  await pay(page);
  await page.waitForLoadState();
  same(await title(page), "Halaman ini sudah usang", "the page");
  await look(page, "stale");
  await page.click("main .button");
  await signIn(page, buyer);
  await pay(page);
  await page.waitForURL(/payment=trx_/);
});

test("not you?", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await ready(buyer, bill);
  await page.click("text=Bukan Anda?");
  await page.waitForLoadState();
  await sees(page, "Masuk untuk membayar");
  await sees(page, "Toko Daun & Kopi");
});

test("wrong passwords, too many of them", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await open(await visitor({ shop }), bill);
  for (let attempt = 0; attempt < 7; attempt++) {
    await page.fill("#email", buyer.email);
    await page.fill("#password", "wrong password");
    await page.click("main form button[type=submit]");
    await page.waitForLoadState();
    if (attempt === 0) {
      await sees(page, "Email atau kata sandi salah.");
      same(await page.inputValue("#email"), buyer.email, "what was typed");
      await look(page, "checkout-wrong-password");
    }
  }
  if (process.env.RATE_LIMITS !== "off") {
    await sees(page, "Terlalu banyak percobaan");
    await look(page, "checkout-too-often");
  }
});

test("an expired bill", async () => {
  await new Promise((done) => setTimeout(done, Math.max(0, expiredAfter - Date.now())));
  const page = await open(await visitor({ shop }), shortLived);
  same(await title(page), "Waktu pembayaran habis", "the page");
  await look(page, "checkout-expired");
});

await run();
