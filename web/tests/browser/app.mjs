// The wallet app.
import {
  PASSWORD, SAWIT, admin, appOf, balance, check, download, look, openShop, person, run, same, sawit, sees, signIn, test,
  title, visitor, wallet,
} from "./lib.mjs";

const send = async (page, selector = "main form:has(button[type=submit]) button[type=submit]") => {
  await page.click(selector);
  await page.waitForLoadState();
};

test("from registration to the first wallet and money in it", async () => {
  const page = await (await visitor()).newPage();
  await page.goto(`${SAWIT}/`);
  check(page.url().includes("/app/login"), `a browser comes in at ${page.url()}`);
  await look(page, "app-login");
  await page.click("text=Daftar");
  await look(page, "app-register");
  const name = `newbie${process.pid}`;
  await page.fill("#fullname", "Sari <b>Dewi</b>");
  await page.fill("#username", "x");
  await page.fill("#email", `${name}@example.com`);
  await page.fill("#password", PASSWORD);
  await send(page);
  await sees(page, "Nama pengguna: 3 sampai 32");
  await look(page, "app-register-wrong");
  await page.fill("#username", name);
  await page.fill("#password", PASSWORD);
  await send(page);
  await sees(page, "Halo, Sari <b>Dewi</b>");
  await look(page, "app-empty");
  await page.fill("#wallet_name", "Tabungan");
  await send(page, "#open button");
  await sees(page, "Dompet sudah dibuka.");
  await page.click("text=Isi saldo");
  await page.fill("#amount", "lima ribu");
  await send(page);
  await sees(page, "Tulis jumlah rupiah");
  await look(page, "app-topup");
  await page.fill("#amount", "75.000,50");
  await send(page);
  same(await title(page), "Saldo sudah diisi", "the page");
  await look(page, "app-topped-up");
  await page.goto(`${SAWIT}/app`);
  await sees(page, "Rp 75.000,50");
});

test("money goes to somebody whose name was shown before", async () => {
  const [from, to] = [await person(300000), await person(0, "Hinata Hyuga")];
  const page = await appOf(from);
  await page.goto(`${SAWIT}/app/transfer`);
  await page.fill("#login", "nobody@example.com");
  await page.fill("#amount", "25.000");
  await send(page);
  await sees(page, "Tidak ada pengguna");
  await look(page, "app-transfer-wrong");
  await page.fill("#login", to.email);
  await page.fill("#note", "Uang makan");
  await send(page);
  await sees(page, "Hinata Hyuga");
  same(await balance(to), 0, "nothing has moved");
  await look(page, "app-transfer-confirm");
  // Sent twice, as by an impatient hand.
  const urls = await page.evaluate(async () => {
    const form = document.querySelector("form[data-once]");
    const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    return (await Promise.all([send(), send()])).map((answer) => answer.url);
  });
  same(urls[0], urls[1], "one transfer");
  await page.goto(urls[0]);
  same(await title(page), "Transfer berhasil", "the page");
  await look(page, "app-transfer-done");
  same(await balance(to), 25000, "what came");
  same(await balance(from), 275000, "what is left");
  const back = await appOf(to);
  await back.goto(`${SAWIT}/app/transfer`);
  await back.fill("#login", from.name);
  await back.fill("#amount", "999.999");
  await send(back);
  await send(back);
  same(await title(back), "Saldo dompet itu tidak cukup", "the page");
  await look(back, "app-transfer-refused");
});

test("history, its filters, its pages, and its file", async () => {
  const somebody = await person(1000000);
  const second = await wallet(somebody, 0, "Cadangan");
  const transfer = "mutation($input: TransactionInput!) { createTransaction(input: $input) { status } }";
  for (let amount = 1; amount <= 23; amount++) {
    await sawit(transfer, { input: { walletId: somebody.wallets[0], targetWalletId: second, amount, type: "TRANSFER" } }, somebody.token);
  }
  const page = await appOf(somebody);
  await look(page, "app-home");
  await page.goto(`${SAWIT}/app/history`);
  same(await page.locator(".entries li").count(), 20, "entries of a page");
  await look(page, "app-history");
  await page.click("text=Lebih lama");
  await page.waitForLoadState();
  check((await page.locator(".entries li").count()) >= 4, "the next page");
  await page.goto(`${SAWIT}/app/history`);
  await page.selectOption("#type", "DEPOSIT");
  await page.click("main form.filter button");
  await page.waitForLoadState();
  same(await page.locator(".entries li").count(), 1, "deposits");
  const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
  await page.goto(`${SAWIT}/app/history?from=${today}&to=${today}`);
  same(await page.locator(".entries li").count(), 20, "entries of today");
  await page.goto(`${SAWIT}/app/history?from=2020-01-01&to=2020-01-02`);
  await sees(page, "Tidak ada transaksi yang cocok.");
  await page.goto(`${SAWIT}/app/history?from=tomorrow`);
  await sees(page, "Tulis tanggal");
  const answer = await page.context().request.get(`${SAWIT}/app/history.csv?type=DEPOSIT`);
  const rows = (await answer.body()).toString("utf8");
  same(rows.charCodeAt(0), 0xfeff, "the byte order mark");
  same(rows.split("\r\n").length, 3, "lines");
  check(rows.includes(",DEPOSIT,IN,1000000,SUCCESS,"), rows);
});

test("a month of a wallet, as a table and on paper", async () => {
  const somebody = await person(1000000, "Naruto Uzumaki-Söderström");
  const [first] = somebody.wallets;
  const second = await wallet(somebody, 0, "Cadangan 💰 untuk liburan keluarga yang sangat panjang sekali");
  const other = await person(0, "Sakura");
  const shop = await openShop();
  const { sessionId, vaNumber } = await shop.bill({ amount: 59000.5, items: undefined });
  const pay = `mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) { status } }`;
  const paid = await sawit(pay, { input: { sessionId, walletId: first, idempotencyKey: "statement" } }, somebody.token);
  same(paid.payPaymentSession.status, "SUCCESS", "the payment");
  const transfer = "mutation($input: TransactionInput!) { createTransaction(input: $input) { status } }";
  const send = (input, token = somebody.token) => sawit(transfer, { input: { type: "TRANSFER", ...input } }, token);
  for (let amount = 1; amount <= 40; amount++) await send({ walletId: first, targetWalletId: second, amount: amount * 1000 });
  await send({ walletId: first, targetWalletId: other.wallets[0], amount: 20000 });
  await send({ walletId: other.wallets[0], targetWalletId: first, amount: 5000 }, other.token);

  const page = await appOf(somebody);
  await page.goto(`${SAWIT}/app/history`);
  await page.click("text=Laporan bulanan");
  await page.waitForLoadState();
  same(await title(page), "Laporan bulanan", "the page");
  await page.selectOption("#wallet", first);
  await page.click("main form.filter button");
  await page.waitForLoadState();
  same(await page.locator(".months li").count(), 1, "months of a new wallet");
  await look(page, "app-statements");
  const month = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 7);
  const table = await download(page, ".months li a:has-text('CSV')");
  same(table.name, `sawit-${month}-${first}.csv`, "the name of the table");
  const rows = table.bytes.toString("utf8").trimEnd().split("\r\n").map((row) => row.split(","));
  same(rows.length, 1 + 1 + 44 + 1, "rows");
  check(rows.some((row) => row[1].startsWith("\"Pembayaran ke Toko Daun & Kopi") && row.includes(` ${vaNumber}"`)), table.bytes.toString());
  check(rows.some((row) => row[1].startsWith("Transfer ke Cadangan 💰")), "the name of one's own wallet");
  // What a spreadsheet would check. The one description with a comma in it has a cell more.
  const cell = (row, column) => Number(row[column + row.length - 8] || 0);
  const sum = (column) => rows.slice(2, -1).reduce((total, row) => total + cell(row, column), 0);
  same(cell(rows[1], 4) + sum(2) - sum(3), cell(rows.at(-1), 4), "opening balance, in and out, closing balance");
  same(cell(rows.at(-1), 4), await balance(somebody, first), "the closing balance");

  const paper = await download(page, ".months li a:has-text('PDF')");
  same(paper.name, `sawit-${month}-${first}.pdf`, "the name of the paper");
  const text = paper.bytes.toString("latin1");
  check(text.startsWith("%PDF-1.7") && text.trimEnd().endsWith("%%EOF"), "a whole file");
  for (const part of ["(Laporan dompet) Tj", `, ${vaNumber}) Tj`, "(Halaman 2 dari 2) Tj", "(Bulan ini belum selesai"]) {
    check(text.includes(part), `${part} is not in the file`);
  }
  // Somebody else's is not there, and a browser shows the page that says so.
  const answer = await page.goto(`${SAWIT}/app/statements/${other.wallets[0]}/${month}.pdf`);
  same(answer.status(), 404, "somebody else's statement");
  await look(page, "app-statement-none");
  const english = await appOf(somebody, { locale: "en" });
  await english.goto(`${SAWIT}/app/statements?wallet=${second}`);
  same(await title(english), "Monthly statements", "the page");
  await look(english, "app-statements-english");
  await download(english, ".months li a:has-text('PDF')");
  shop.close();
});

test("devices are signed out one by one", async () => {
  const somebody = await person(0);
  const [page, other] = [await appOf(somebody), await appOf(somebody)];
  await page.goto(`${SAWIT}/app/devices`);
  // Registration was a session, too.
  same(await page.locator(".devices li").count(), 3, "devices");
  await look(page, "app-devices");
  await page.click(".devices li:not(:has-text('Perangkat ini')) button");
  await page.waitForLoadState();
  await sees(page, "Perangkat itu sudah dikeluarkan.");
  same(await page.locator(".devices li").count(), 2, "devices");
  await page.click(".devices li:has-text('Perangkat ini') button");
  await page.waitForLoadState();
  await sees(page, "Anda sudah keluar.");
  await page.goto(`${SAWIT}/app`);
  check(page.url().includes("/app/login"), "signed out");
  await other.close();
});

test("PIN and password", async () => {
  const somebody = await person(0);
  const page = await appOf(somebody);
  await page.goto(`${SAWIT}/app/security`);
  await look(page, "app-security");
  const pin = async (first, second, password) => {
    await page.fill("#pin", first);
    await page.fill("#pin_again", second);
    await page.fill("#pin_password", password);
    await send(page, "form[action$=pin] button");
  };
  await pin("123456", "123456", PASSWORD);
  await sees(page, "PIN terdiri dari 6 angka");
  await pin("280419", "280418", PASSWORD);
  await sees(page, "Kedua PIN tidak sama.");
  await look(page, "app-security-wrong");
  await pin("280419", "280419", "wrong password");
  await sees(page, "Kata sandi salah.");
  await pin("280419", "280419", PASSWORD);
  await sees(page, "PIN sudah disimpan.");
  const fill = async (current, next, again) => {
    await page.fill("#current_password", current);
    await page.fill("#new_password", next);
    await page.fill("#new_password_again", again);
    await send(page, "form[action$=password] button");
  };
  await fill(PASSWORD, "yang baru dan panjang", "yang lain dan panjang");
  await sees(page, "Kedua kata sandi tidak sama.");
  await fill(PASSWORD, "yang baru dan panjang", "yang baru dan panjang");
  await sees(page, "Kata sandi sudah diganti.");
  await page.goto(`${SAWIT}/app/profile`);
  await sees(page, somebody.email);
  await look(page, "app-profile");
  await send(page);
  await sees(page, "Anda sudah keluar.");
});

test("a frozen wallet is shown as such", async () => {
  const somebody = await person(125000);
  await wallet(somebody, 50000, "Belanja");
  await sawit(`mutation { freezeWallet(walletId: "${somebody.wallets[0]}") { status } }`, {}, await admin());
  const page = await appOf(somebody, { locale: "en" });
  await sees(page, "Frozen");
  await sees(page, "Rp 175.000");
  await look(page, "app-frozen-english");
});

test("in the dark", async () => {
  const somebody = await person(125000);
  const page = await appOf(somebody, { dark: true });
  await look(page, "app-dark");
});

test("nobody is sent anywhere else, and nobody else's form is taken", async () => {
  const somebody = await person(0);
  const context = await visitor();
  const page = await context.newPage();
  for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
    await page.goto(`${SAWIT}/app/login?next=${encodeURIComponent(next)}`);
    same(await page.inputValue("input[name=next]"), "/app", "where it leads");
  }
  await page.goto(`${SAWIT}/lang?to=en&back=${encodeURIComponent("//evil.example/")}`);
  check(page.url().startsWith(SAWIT), page.url());
  await page.goto(`${SAWIT}/app/login`);
  await signIn(page, somebody);
  const post = (headers, form) => context.request.post(`${SAWIT}/app/wallets`, { headers, form });
  const token = await page.inputValue("form[action='/app/wallets'] input[name=form_token]");
  same((await post({}, { wallet_name: "A" })).status(), 403, "without the form's token");
  same((await post({ origin: "https://evil.example" }, { wallet_name: "A", form_token: token })).status(), 403, "from another site");
  same((await post({ "sec-fetch-site": "cross-site" }, { wallet_name: "A", form_token: token })).status(), 403, "across sites");
  same((await post({}, { wallet_name: "A", form_token: token })).url(), `${SAWIT}/app?opened=1`, "the page's own form");
});

await run();
