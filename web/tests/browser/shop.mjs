// The whole story as a buyer clicks it: shop, checkout, and back at a paid order.
import { SAWIT, SHOP, check, look, person, run, same, sees, signIn, test, title, visitor } from "./lib.mjs";

async function ordered(page, name) {
  await page.goto(SHOP);
  await page.click("a.card");
  await page.click("main >> text=Daftar");
  await page.fill("#nama", "Naruto Uzumaki");
  await page.fill("#email", `${name}@example.com`);
  await page.fill("#sandi", "kata sandi yang panjang");
  await page.click("main form button[type=submit]");
  await page.waitForSelector("#jumlah");
  await page.fill("#jumlah", "2");
  await page.fill("#alamat", "Jalan Konoha No. 02");
  await page.click("main form button:has-text('Buat pesanan')");
  await page.waitForURL(/\/pesanan\/\d+/);
}

async function paidAtSawit(page, buyer) {
  await page.click("text=Bayar dengan Sawit");
  await page.waitForURL(/\/checkout\/cks_/);
  await sees(page, "BlackDoctrine");
  await signIn(page, buyer);
  await page.click("button.pay");
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Pembayaran berhasil", "the outcome");
}

for (const scripts of [true, false]) {
  test(`shop, checkout, sign-in, pay, back, PAID ${scripts ? "with" : "without"} scripts`, async () => {
    const buyer = await person(2_000_000);
    const page = await (await visitor({ scripts, shop: { origin: SHOP } })).newPage();
    await ordered(page, `shop${process.pid}${scripts}`);
    await paidAtSawit(page, buyer);
    if (scripts) await look(page, "shop-paid-at-sawit");
    await page.click("main a[data-return]");
    await page.waitForURL((url) => url.origin === SHOP);
    same(new URL(page.url()).searchParams.get("status"), "PAID", "what the shop is told");
    await page.waitForSelector("text=Lunas", { timeout: 20_000 });
    const body = await page.innerText("main");
    check(!body.includes("tidak bisa dipercaya"), body);
  });
}

test("who gives up at the checkout finds the order unpaid", async () => {
  const page = await (await visitor({ shop: { origin: SHOP } })).newPage();
  await ordered(page, `shop${process.pid}x`);
  await page.click("text=Bayar dengan Sawit");
  await page.waitForURL((url) => url.origin === SAWIT);
  await page.click("text=Batal dan kembali ke");
  await page.waitForURL((url) => url.origin === SHOP);
  await sees(page, "belum dibayar");
});

await run();
